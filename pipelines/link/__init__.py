"""Hop 4: the registry's person for each record."""
