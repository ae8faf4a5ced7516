"""Gives departments their own files back with approved corrections filled in."""
