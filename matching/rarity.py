"""How common each person's values are in the registry: exact counts, never a sample.

A share is what a stranger's chance would be of having the value too, so the person is not counted (leave one out);
where too few are counted it is drawn to what the parts of the value suggest. Shares are kept as sixteenths of a bit:
finer differences say nothing, and so a person more in the registry changes the weights of those few whom it concerns.
"""

import duckdb

from matching.keys import FOLD
from matching.model import Stated

UNITS_PER_BIT = 16
"""A rarity of −160 is a share of 2⁻¹⁰."""

COLUMNS = (
    "name", "ends", "front", "back", "given", "sex", "other_sex", "date", "year", "month_day", "commune", "province",
    "cell", "cell_alone", "mother", "father",
)  # fmt: skip
"""What each column of `rarity` is the share of, for the person p:

`name` the whole folded name (of the person's birth decade and province), `ends` surname and given name, `front` all but
the given name, `back` all but the surname, `given` the given name; `sex`, `other_sex` people of the same, of another
sex among those who have the same middle and given name; `date`, `year`, `month_day`; `commune`, `province`; `cell` the
first six digits of the number (province, century and sex, year) among those born in the same year with the same sex
and living in the same province; `cell_alone` the same among all; `mother`, `father` people whose parent is called so.
"""

_PARTS = f"""
CREATE OR REPLACE TABLE parts AS
SELECT p, name_key AS name, date_of_birth AS date, birth_year AS year, birth_year // 10 AS decade, sex,
       CASE WHEN length(date_of_birth) = 10 THEN date_of_birth[6:10] END AS month_day,
       commune_code AS commune, province_code AS province, left(person_id, 6) AS cell,
       {FOLD.format(text="mother_name")} AS mother, {FOLD.format(text="father_name")} AS father,
       split_part(name_key, ' ', 1) AS surname, split_part(name_key, ' ', -1) AS given,
       regexp_extract(name_key, '^[^ ]+ (.+) [^ ]+$', 1) AS middle,
       regexp_extract(name_key, '^(.+) [^ ]+$', 1) AS front, regexp_extract(name_key, '^[^ ]+ (.+)$', 1) AS back
FROM registry
"""

_GROUPS = {
    "name": ("name",),
    "name_decade": ("name", "decade"),
    "name_here": ("name", "decade", "province"),
    "decade": ("decade",),
    "here": ("decade", "province"),
    "surname": ("surname",),
    "middle": ("middle",),
    "given": ("given",),
    "ends": ("surname", "given"),
    "front": ("front",),
    "back": ("back",),
    "back_sex": ("back", "sex"),
    "given_sex": ("given", "sex"),
    "date": ("date",),
    "year": ("year",),
    "month_day": ("month_day",),
    "commune": ("commune",),
    "province": ("province",),
    "cell": ("cell",),
    "cell_here": ("cell", "province"),
    "peers": ("year", "sex", "province"),
    "mother": ("mother",),
    "father": ("father",),
}
"""Each count of `counted`: the people who share these parts with the person."""

TRUST = 0.2
"""How many people, as a share of the registry, the parts of a name weigh against the count of the whole."""
LOCAL = 50_000
"""How many people of the whole country weigh as much as those of the decade, or of the decade and province."""

PREFIX = "rare_"
"""Of the columns of `rarity`, so that they stand beside the levels of the same names."""

LEAST = 1e-6
"""No value is believed to be rarer: namesakes are not always there by chance."""

STATED = {
    "name": 8e-5, "ends": 1e-3, "front": 3e-3, "back": 6e-4, "given": 1.5e-2, "sex": 0.9, "other_sex": 0.1,
    "date": 4e-5, "year": 1.25e-2, "month_day": 2.7e-3, "commune": 3e-4, "province": 3e-2, "cell": 0.5,
    "cell_alone": 2e-4, "mother": 8e-5, "father": 8e-5,
}  # fmt: skip
"""Shares in the country. Source: domain.md 4.1 (UIT-ViNames: one full name in 12,000), 80 birth years, 3,321 communes,
34 provinces."""

_RARITY = f"""
CREATE OR REPLACE TABLE rarity AS
WITH shares AS (
    SELECT *, n_surname / n AS s, n_middle / n AS m, n_given / n AS g, n * {TRUST} AS trust,
           (n_given_sex - 0.5) / n_given AS sex_of_given
    FROM counted
), whole AS (
    SELECT *, (n_name - 1 + trust * s * m * g) / (n + trust) AS everywhere FROM shares
), decade AS (
    SELECT *, (n_name_decade - 1 + {LOCAL} * everywhere) / (n_decade - 1 + {LOCAL}) AS then FROM whole
)
SELECT p, {{columns}}
FROM (
    SELECT p, n,
           (n_name_here - 1 + {LOCAL} * "then") / (n_here - 1 + {LOCAL}) AS name,
           (n_ends - 1 + trust * s * g) / (n + trust) AS ends,
           (n_front - 1 + trust * s * m) / (n + trust) AS front,
           (n_back - 1 + trust * m * g) / (n + trust) AS back,
           g AS given,
           (n_back_sex - 1 + sex_of_given) / n_back AS sex,
           (n_back - n_back_sex + 1 - sex_of_given) / n_back AS other_sex,
           (n_date - 1 + n / 50 * n_year / n / 365) / (n * 1.02) AS date,
           n_year / n AS year,
           n_month_day / n AS month_day,
           n_commune / n AS commune,
           n_province / n AS province,
           n_cell / n AS cell_alone,
           (n_cell_here - 1 + 20 * 0.05) / (n_peers - 1 + 20) AS cell,
           (n_mother + trust * 2e-5) / (n + trust) AS mother,
           (n_father + trust * 2e-5) / (n + trust) AS father
    FROM decade
)
ORDER BY p
"""


def rate(connection: duckdb.DuckDBPyConnection, stated: Stated) -> None:
    """Write the table `rarity` from the view `registry`; `stated` says what is believed before anybody is counted.

    Shape: one row a person, `p` and a SMALLINT for each of COLUMNS, sorted by p; a value that the person lacks has the
    rarity of lacking it. Units: sixteenths of a bit, 0 or less.
    """
    connection.execute(_PARTS)
    # A join for each count: windows over the whole registry would each sort it.
    counts = ", ".join(f"CAST({name}.people AS DOUBLE) AS n_{name}" for name in _GROUPS)
    joins = " ".join(
        f"LEFT JOIN (SELECT {', '.join(parts)}, count(*) AS people FROM parts GROUP BY ALL) AS {name} ON "
        + " AND ".join(f"parts.{part} IS NOT DISTINCT FROM {name}.{part}" for part in parts)
        for name, parts in _GROUPS.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE counted AS SELECT p, {counts}, (SELECT count(*)::DOUBLE FROM parts) AS n"
        f" FROM parts {joins}"
    )
    believed = STATED | dict(stated.shares)
    shares = {name: f"(n * {name} + {stated.people * believed[name]}) / (n + {stated.people})" for name in COLUMNS}
    columns = ", ".join(
        f"CAST(round({UNITS_PER_BIT} * log2(greatest(least({share}, 1), {LEAST}))) AS SMALLINT) AS {PREFIX}{name}"
        for name, share in shares.items()
    )
    connection.execute(_RARITY.format(columns=columns))
    connection.execute("DROP TABLE parts; DROP TABLE counted")
