"""When each tenant's backlog clears, and what would be if: the night's own allocation, day after day."""
