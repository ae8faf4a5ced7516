"""People who do not exist: a registry and the dirty sector files that describe them, with the truth beside.

`make` is the only way in; everything it draws follows from the seed.
"""
