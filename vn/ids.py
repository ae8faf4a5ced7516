"""Standardises identity numbers: the number, what was mended to read it, and what the number itself says.

A 12-digit number is `PPP G YY SSSSSS`: province or country of birth registration, century and sex, year of birth,
random; there is no check digit. That it disagrees with the record's date or sex is evidence of an error somewhere
(the police has mis-keyed numbers too), never a reason to refuse it.
"""

from vn.id_codes import normalise_code, standardise_code
from vn.id_columns import standardise
from vn.id_evidence import disagreements, padded
from vn.id_masks import is_masked_column, mask, mask_column
from vn.id_reading import Anatomy, Reading, anatomy, normalise, read, why_not
from vn.id_tables import KINDS, LOSSLESS, REPAIRS, WHY_NOT

__all__ = [
    "KINDS",
    "LOSSLESS",
    "REPAIRS",
    "WHY_NOT",
    "Anatomy",
    "Reading",
    "anatomy",
    "disagreements",
    "is_masked_column",
    "mask",
    "mask_column",
    "normalise",
    "normalise_code",
    "padded",
    "read",
    "standardise",
    "standardise_code",
    "why_not",
]
