"""Hop 7: writes what each user reads: the night's summary, the sector's lists, cleaned data, the manifest."""
