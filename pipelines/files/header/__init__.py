"""Which rows are the header, and which column means what."""
