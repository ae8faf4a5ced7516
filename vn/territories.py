"""Provinces and communes: today's code for what a cell says, and the name of a code."""

from vn.communes import commune_name, communes, communes_meant, normalise_commune, standardise_communes
from vn.provinces import (
    MERGED_ON,
    birth_codes,
    former_provinces,
    is_former_province,
    normalise_province,
    province_code,
    province_name,
    provinces,
    standardise_provinces,
)

__all__ = [
    "MERGED_ON",
    "birth_codes",
    "commune_name",
    "communes",
    "communes_meant",
    "former_provinces",
    "is_former_province",
    "normalise_commune",
    "normalise_province",
    "province_code",
    "province_name",
    "provinces",
    "standardise_communes",
    "standardise_provinces",
]
