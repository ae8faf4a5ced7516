"""Hops 3 and 6: the quality rules that each record breaks."""
