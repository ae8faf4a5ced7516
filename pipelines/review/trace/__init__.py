"""One record's way: from its cell in a file to where it stands in the reports."""
