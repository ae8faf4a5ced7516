"""The departments' workbooks."""
