"""Any table file as rows of text. Knows no inbox and no hop."""
