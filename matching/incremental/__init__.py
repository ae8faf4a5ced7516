"""Incremental linkage: a night costs what has changed, because decisions about known record contents are remembered."""
