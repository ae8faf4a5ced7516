"""The population registry: loaded from a file, standardised, stored as a snapshot."""
