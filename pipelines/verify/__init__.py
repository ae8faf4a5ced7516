"""Hop 5: asks the registry's gateway within tonight's places."""
