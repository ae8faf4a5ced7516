"""Hop 2: standardises each cell as a Vietnamese value, the original beside it."""
