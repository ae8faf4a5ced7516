"""Writes the departments' workbooks."""
