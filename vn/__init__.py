"""What a Vietnamese value is: names, identifiers, dates, places, sexes.

Pure functions over text and whole columns; imports none of the other packages.
"""
