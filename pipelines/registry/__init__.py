"""The population registry: loaded from a file, standardised, kept as a snapshot."""
