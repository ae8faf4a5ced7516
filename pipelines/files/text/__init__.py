"""Reads delimited text as rows of cells: encoding, dialect, quoting, records."""
