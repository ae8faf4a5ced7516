"""Finds the header's rows, and the meaning of each column."""
