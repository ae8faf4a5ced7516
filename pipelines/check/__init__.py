"""Hops 3 and 6: the rules that each record fails."""
