"""Forecasts when each tenant's backlog clears, and what-ifs: the night's own allocation, day after day."""
