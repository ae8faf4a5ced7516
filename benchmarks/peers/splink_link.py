"""Link one sector with Splink: `python splink_link.py <folder> --threads 2 --max-pairs 1e8`, in the peers' interpreter.

`--max-pairs` is for u. Splink advises 1e8 or 1e9 for real work and 1e7 for trials; at 1e7 some levels of the number are
never seen by chance and keep an untrained u.

With `--model` the weights are given, as `--save` kept them, and nothing is trained.

Reads `registry.parquet` and `records.parquet` of the folder (benchmarks/peers/cleaned.py); writes `best.parquet` and
`one_to_one.parquet` (unique_id, person_id, weight, probability) and `splink.json` (seconds, pairs, versions).
"""

import argparse
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from splink import DuckDBAPI, Linker, block_on
from splink.internals.splink_dataframe import SplinkDataFrame
from splink_model import EM_BLOCKS, RECORDS, REGISTRY, SURE, SURE_RECALL, settings

_T = TypeVar("_T")

_FLOOR = 0.01
"""Pairs less probable are not kept: none of them is in the best cut."""

_LEAST = 1e-12

_BEST = """
COPY (
    SELECT unique_id_r AS unique_id, unique_id_l AS person_id, match_weight AS weight,
           match_probability AS probability
    FROM {pairs}
    QUALIFY row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) = 1
    ORDER BY unique_id::INTEGER
) TO '{path}' (FORMAT parquet)
"""

_ONE_TO_ONE = """
COPY (
    SELECT pairs.unique_id_r AS unique_id, pairs.unique_id_l AS person_id, match_weight AS weight,
           match_probability AS probability
    FROM {pairs} AS pairs
    JOIN {clusters} AS person ON person.unique_id = pairs.unique_id_l AND person.source_dataset = '{registry}'
    JOIN {clusters} AS record ON record.unique_id = pairs.unique_id_r AND record.source_dataset = '{records}'
    WHERE person.cluster_id = record.cluster_id
    ORDER BY pairs.unique_id_r::INTEGER
) TO '{path}' (FORMAT parquet)
"""


class Clock:
    """Seconds of each step, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, step: Callable[[], _T]) -> _T:
        started = time.perf_counter()
        found = step()
        self.seconds[name] = round(time.perf_counter() - started, 2)
        sys.stderr.write(f"{name} {self.seconds[name]}\n")
        return found


def main() -> None:
    """Link and keep the links and the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-pairs", type=float, default=1e8)
    parser.add_argument("--model", type=Path, help="weights that were trained before: nothing is trained")
    parser.add_argument("--save", type=Path, help="keep the trained weights here")
    parser.add_argument("--parents", action="store_true", help="the records name mother and father")
    arguments = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.WARNING)
    found = link(arguments)
    (arguments.folder / "splink.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


def link(arguments: argparse.Namespace) -> dict[str, object]:
    """What the link took and found."""
    clock, folder = Clock(), arguments.folder
    connection = duckdb.connect(config={"threads": arguments.threads})
    linker = clock("load", lambda: load(connection, arguments))
    if arguments.model is None:
        train(linker, clock, arguments.max_pairs)
    if arguments.save is not None:
        linker.misc.save_model_to_json(str(arguments.save), overwrite=True)
    pairs = clock("predict", lambda: linker.inference.predict(threshold_match_probability=_FLOOR))
    best = _BEST.format(pairs=pairs.physical_name, path=folder / "best.parquet")
    clock("best", lambda: connection.execute(best))
    clock("one_to_one", lambda: one_to_one(connection, linker, pairs, folder / "one_to_one.parquet"))
    kept = connection.sql(f"SELECT count(*) FROM {pairs.physical_name}").fetchall()[0][0]
    return {
        "seconds": clock.seconds,
        "pairs_kept": kept,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "versions": {name: version(name) for name in ("splink", "duckdb", "pyarrow", "sqlglot")},
    }


def load(connection: duckdb.DuckDBPyConnection, arguments: argparse.Namespace) -> Linker:
    """Both sides in DuckDB, and the model over them."""
    api = DuckDBAPI(connection)
    sides = []
    for name, file in ((REGISTRY, "registry"), (RECORDS, "records")):
        path = arguments.folder / f"{file}.parquet"
        connection.execute(f"CREATE TABLE {file} AS SELECT * FROM read_parquet('{path}')")
        sides.append(api.register(file, dataset_display_name=name))
    return Linker(sides, settings(arguments.parents) if arguments.model is None else given(arguments.model))


def given(model: Path) -> dict[str, Any]:
    """The weights that were kept; Splink keeps the 0 of a level that it never saw, but does not take it back."""
    weights: dict[str, Any] = json.loads(model.read_text(encoding="utf-8"))
    for comparison in weights["comparisons"]:
        for level in comparison["comparison_levels"]:
            for name in ("m_probability", "u_probability"):
                if level.get(name) == 0:
                    level[name] = _LEAST
    return weights


def train(linker: Linker, clock: Clock, max_pairs: float) -> None:
    """Estimate prior, u and m."""
    training = linker.training
    clock("prior", lambda: training.estimate_probability_two_random_records_match(list(SURE), recall=SURE_RECALL))
    clock("u", lambda: training.estimate_u_using_random_sampling(max_pairs=max_pairs, seed=1))
    for block in EM_BLOCKS:
        rule = block_on(*block)
        session = partial(training.estimate_parameters_using_expectation_maximisation, rule)
        clock(f"em_{'_'.join(block)}", session)


def one_to_one(connection: duckdb.DuckDBPyConnection, linker: Linker, pairs: SplinkDataFrame, path: Path) -> None:
    """Write the pairs that remain if each person has one record: greedily the mutually best."""
    clusters = linker.clustering.cluster_using_single_best_links(
        pairs, duplicate_free_datasets=[REGISTRY, RECORDS], threshold_match_probability=_FLOOR, ties_method="lowest_id"
    )
    connection.execute(
        _ONE_TO_ONE.format(
            pairs=pairs.physical_name,
            clusters=clusters.physical_name,
            registry=REGISTRY,
            records=RECORDS,
            path=path,
        )
    )


if __name__ == "__main__":
    main()
