"""Hop 4: links each record to its person in the registry."""
