"""Sector tables: one TOML a sector, and the model that reads them."""
