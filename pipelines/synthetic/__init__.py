"""Makes people who do not exist: a registry and dirty sector files that describe them, with the truth beside.

`make.make` is the way in and `requests.plan` reads what files are wanted; everything drawn follows from the seed.
"""
