"""Hop 2: each cell as a typed Vietnamese value, the original kept beside it."""
