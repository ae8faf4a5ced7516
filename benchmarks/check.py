"""How long all rules take on a million insurance records, beside Great Expectations on pandas for two of them.

`python -m benchmarks.check [--rows N] [--json FILE]`. The records are made in DuckDB: some 3 % break each of the
rules that have something to break, so that lists of failing records are long. Of the pandas peer both halves are
told: turning the table into a frame, and the check.
"""

import argparse
import json
import resource
import tempfile
import time
import warnings
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines.workspace.run_tables import open_database
from rules.check import check
from rules.tables import FAMILIES, Family

NIGHT = date(2026, 11, 22)
RESULT = Path(__file__).parent / "results" / "check.json"
SECTORS = {"insurance": "Bảo hiểm xã hội"}

RECORDS = """
CREATE TABLE core_insurance AS
WITH person AS (
    SELECT i, hash(i) % 100 AS chance, 1940 + (hash(i, 1) % 80)::SMALLINT AS born,
           CASE WHEN hash(i, 2) % 2 = 0 THEN 'Nam' ELSE 'Nữ' END AS said,
           format('079{:09d}', i) AS number FROM range($rows) t(i)
)
SELECT 'r' || i AS record_id, 'insurance' AS sector, 'insurance.csv' AS source_file, '' AS sheet,
       (i + 2)::INTEGER AS source_row,
       CASE WHEN chance <> 0 THEN 'Nguyễn Văn ' || chr(65 + (i % 26)::INTEGER) || 'n' END AS full_name,
       'nguyen van ' || i % 50000 AS name_key, CASE WHEN chance = 1 THEN 'con ông A' END AS name_note,
       CASE WHEN chance < 4 THEN 'case' ELSE '' END AS name_repairs, '' AS text_repairs,
       format('{:04d}-{:02d}-{:02d}', born, 1 + i % 12, 1 + i % 28) AS date_of_birth, 'day' AS birth_precision,
       born AS birth_year, NULL::VARCHAR AS birth_alternative, '' AS birth_repairs, NULL::VARCHAR AS birth_why_not,
       said AS sex, NULL::VARCHAR AS sex_why_not,
       CASE WHEN chance NOT IN (5, 6) THEN CASE WHEN chance = 7 THEN format('079{:09d}', i - i % 2) ELSE number END
       END AS id_number,
       CASE WHEN chance = 5 THEN format('{:09d}', i) END AS cmnd_number,
       CASE chance WHEN 5 THEN 'cmnd' WHEN 6 THEN 'missing' ELSE 'cccd' END AS id_kind,
       CASE WHEN chance = 8 THEN 'zero_padded' ELSE '' END AS id_repairs, NULL::VARCHAR AS id_why_not,
       '079' AS id_province_code, CASE WHEN chance IN (9, 10) THEN 'Nam' ELSE said END AS id_sex,
       (born - (chance = 11)::SMALLINT)::SMALLINT AS id_birth_year,
       '79' AS province_code, '26704' AS commune_code, 'insurance-79' AS tenant,
       'Công ty Sao Mai' AS unit, NULL::VARCHAR AS zone,
       number AS content_hash,
       CASE WHEN chance = 12 THEN '12 Lê Lợi, Quận 1' ELSE '12 Lê Lợi' END AS address,
       format('79{:08d}', i) AS social_insurance_number, format('DN47979{:08d}', i) AS health_card_number,
       'Công ty Sao Mai' AS employer, NULL::VARCHAR AS industrial_zone
FROM person
"""
CELLS = (
    *("full_name", "date_of_birth", "sex", "id_number", "province_code", "commune_code", "address"),
    *("social_insurance_number", "health_card_number", "employer", "industrial_zone"),
)
ANSWERS = """
CREATE TABLE links AS SELECT record_id, id_number AS person_id, 'link' AS decision, 'agreed' AS status
FROM core_insurance;
CREATE TABLE residences AS
SELECT record_id, 'same' AS province_registry, CASE WHEN hash(record_id) % 20 = 0 THEN 'other' ELSE 'same' END
       AS commune_registry, NULL::VARCHAR AS address_registry
FROM core_insurance;
CREATE TABLE verifications AS
SELECT record_id, 'answered' AS state, 'ok' AS result, 'M' AS id_flag, 'M' AS name_flag, 'M' AS birth_flag,
       CASE WHEN id_sex <> sex THEN 'N' ELSE 'M' END AS sex_flag, '2026-11-22' AS asked_on, 'verified' AS status,
       NULL::VARCHAR AS decision
FROM core_insurance WHERE hash(record_id) % 5 = 0
"""


def make(database: Path, rows: int) -> None:
    """The tables that a check reads."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(RECORDS, {"rows": rows})
        raw = ", ".join(f"{cell} AS {cell}_raw" for cell in CELLS)
        connection.execute(f"CREATE OR REPLACE TABLE core_insurance AS SELECT *, {raw} FROM core_insurance")
        connection.execute(ANSWERS)


def on_duckdb(database: Path, folder: Path, families: tuple[Family, ...]) -> dict[str, Any]:
    """Seconds for the rules of the families, with pages and lists of failing records."""
    start = time.perf_counter()
    found = check(partial(open_database, database), SECTORS, families, folder, NIGHT)
    return {
        "seconds": round(time.perf_counter() - start, 2),
        "rules": found.results.height,
        "issues": found.issues.height,
    }


def on_pandas(database: Path) -> dict[str, Any]:
    """Seconds for two rules' nearest equivalents in GX's own pandas engine."""
    import great_expectations as gx

    start = time.perf_counter()
    with duckdb.connect(str(database), read_only=True) as connection:
        frame = connection.sql("SELECT id_number, social_insurance_number FROM core_insurance").df()
    converted = time.perf_counter() - start
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("peer").add_dataframe_asset("records")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    start = time.perf_counter()
    batch.validate(gx.expectations.ExpectColumnValuesToBeUnique(column="id_number"), result_format="COMPLETE")
    batch.validate(
        gx.expectations.ExpectColumnValuesToMatchRegex(column="social_insurance_number", regex=r"^\d{10}$"),
        result_format="COMPLETE",
    )
    return {"rules": 2, "convert_s": round(converted, 2), "seconds": round(time.perf_counter() - start, 2)}


def main() -> None:
    """Print the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--json", type=Path, default=RESULT)
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "run.duckdb"
        make(database, chosen.rows)
        figures: dict[str, Any] = {"rows": chosen.rows}
        for family in FAMILIES:
            figures[family] = on_duckdb(database, Path(folder) / "docs", (family,))
        figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures["pandas"] = on_pandas(database)
    text = json.dumps(figures, indent=2)
    print(text)
    chosen.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
