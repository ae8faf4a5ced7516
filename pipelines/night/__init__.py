"""Runs one night from start to end: its hops in order, which run is tonight's, how far it went."""
