"""Sector tables: one TOML file a sector, and the model that reads them."""
