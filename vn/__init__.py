"""Vietnamese values: names, identity numbers, dates, territories, sexes.

Pure functions over text and whole columns; imports none of the other packages.
"""
