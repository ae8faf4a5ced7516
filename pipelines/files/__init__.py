"""Reads any table file as rows of text. Knows no inbox and no hop."""
