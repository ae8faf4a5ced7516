"""Hop 1: reads the inbox's files as rows of text, each with its file, sheet and row; nothing is lost."""
