"""Link FEBRL 4 with Splink by number, name and date of birth: `python splink_febrl.py <folder> --max-pairs 1e7`.

In the peers' interpreter. Reads `originals.csv` and `duplicates.csv` of the folder; writes `splink-<names>.parquet`
(record, person: `rec_id`; weight, probability), every scored pair, and `splink.json` (seconds, versions).

The model is that of Splink's own FEBRL 4 example without addresses: names with term frequencies, DateOfBirthComparison,
Damerau–Levenshtein on the number, trained by its documentation. Names are compared in both ways that Splink has: each
part apart, and both together, which sees parts that were swapped.
"""

import argparse
import json
import logging
import time
from importlib.metadata import version
from pathlib import Path

import duckdb
import splink.comparison_library as comparison
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.comparison_creator import ComparisonCreator

ORIGINALS, DUPLICATES = "a_originals", "b_duplicates"
SURE = ("soc_sec_id",), ("given_name", "surname", "date_of_birth")
SURE_RECALL = 0.9
"""Share of the true pairs that the deterministic rules find, as a user would guess it."""
EM_BLOCKS = ("date_of_birth",), ("soc_sec_id",)
BLOCKS = (
    block_on("soc_sec_id"),
    block_on("date_of_birth"),
    block_on("surname"),
    block_on("given_name"),
    "l.surname = r.given_name",
    "l.given_name = r.surname",
    block_on("substr(soc_sec_id, 1, 3)"),
    block_on("substr(soc_sec_id, 5, 3)"),
)
"""Wider than what our own keys compare."""

_READ = """
CREATE TABLE {table} AS
SELECT rec_id AS unique_id, given_name, surname, date_of_birth, soc_sec_id,
       given_name || ' ' || surname AS whole_name
FROM read_csv('{path}', all_varchar = true)
"""
_WRITE = """
COPY (
    SELECT unique_id_l AS person, unique_id_r AS record, match_weight AS weight, match_probability AS probability
    FROM {pairs} ORDER BY record, person
) TO '{path}' (FORMAT parquet)
"""


def main() -> None:
    """Link and keep the pairs and the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-pairs", type=float, default=1e7)
    arguments = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.WARNING)
    seconds = {}
    for way in ("apart", "together"):
        started = time.perf_counter()
        link(arguments, way)
        seconds[way] = round(time.perf_counter() - started, 2)
    versions = {name: version(name) for name in ("splink", "duckdb")}
    said = json.dumps({"seconds": seconds, "versions": versions})
    (arguments.folder / "splink.json").write_text(said, encoding="utf-8")


def link(arguments: argparse.Namespace, way: str) -> None:
    """Write the scored pairs of the model that compares names in this way."""
    connection = duckdb.connect(config={"threads": arguments.threads})
    api = DuckDBAPI(connection)
    sides = []
    for name, table in ((ORIGINALS, "originals"), (DUPLICATES, "duplicates")):
        connection.execute(_READ.format(table=table, path=arguments.folder / f"{table}.csv"))
        sides.append(api.register(table, dataset_display_name=name))
    model = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons(way),
        blocking_rules_to_generate_predictions=list(BLOCKS),
    )
    linker = Linker(sides, model)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on(*rule) for rule in SURE], recall=SURE_RECALL)
    training.estimate_u_using_random_sampling(max_pairs=arguments.max_pairs, seed=1)
    for block in EM_BLOCKS:
        training.estimate_parameters_using_expectation_maximisation(block_on(*block))
    pairs = linker.inference.predict()
    connection.execute(_WRITE.format(pairs=pairs.physical_name, path=arguments.folder / f"splink-{way}.parquet"))


def comparisons(way: str) -> list[ComparisonCreator]:
    """What is compared: names `apart` or `together`, the date, the number."""
    names = {
        "apart": [
            comparison.NameComparison("given_name").configure(term_frequency_adjustments=True),
            comparison.NameComparison("surname").configure(term_frequency_adjustments=True),
        ],
        "together": [
            comparison.ForenameSurnameComparison("given_name", "surname", forename_surname_concat_col_name="whole_name")
        ],
    }
    return [
        *names[way],
        comparison.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        comparison.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
    ]


if __name__ == "__main__":
    main()
