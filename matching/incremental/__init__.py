"""A night that costs what has changed: what is known of record contents, and what a new registry can affect."""
