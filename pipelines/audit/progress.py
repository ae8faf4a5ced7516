"""Compares a run's scores with those of the night before, ranks groups by their progress, and tells the trend."""

from pathlib import Path

import polars as pl

from pipelines.audit import scores
from pipelines.audit.scores import FILE, KEYS
from pipelines.config import Settings

_COUNTED = ("applicable", "passing", "failing", "not_known", "share")
_GROUP = ["level", *KEYS, "family", "rule_id"]


def compared(run: Path, before: Path | None, wanted: pl.Expr | bool = True) -> pl.DataFrame:
    """The run's scores (of the groups `wanted`) beside those of the run before.

    Shape: `scores.parquet` with `before_<column>` for `applicable, passing, failing, not_known, share` (null where the
    group was not there) and `change`, the difference of the shares; in the same order. `run`, `before`: folders.
    """
    now = _scores(run, wanted)
    then = now.clear() if before is None else _scores(before, wanted)
    earlier = then.select(*_GROUP, *(pl.col(name).alias(f"before_{name}") for name in _COUNTED))
    joined = now.join(earlier, on=_GROUP, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns((pl.col("share") - pl.col("before_share")).round(6).alias("change"))


def _scores(run: Path, wanted: pl.Expr | bool) -> pl.DataFrame:
    return pl.scan_parquet(run / FILE, glob=False).filter(wanted).collect()


def ranked(told: pl.DataFrame, level: str, family: str, sector: str | None = None) -> pl.DataFrame:
    """The level's groups by their progress in one family: the greatest rise first, those without an earlier night last.

    Shape of `told`: as `compared` gives it.
    """
    chosen = told.filter(pl.col("level") == level, pl.col("family") == family, pl.col("rule_id").is_null())
    if sector is not None:
        chosen = chosen.filter(pl.col("sector") == sector)
    return chosen.sort(["change", "share", *KEYS], descending=[True, True, *[False] * len(KEYS)], nulls_last=True)


def trend(settings: Settings, nights: int = 30) -> pl.DataFrame:
    """The families' scores of each sector, of the last run of each of the last nights, the oldest first."""
    last: dict[str, Path] = {}
    folders = [path.parent for path in settings.runs_directory.glob("*/manifest.json")]
    for folder in sorted(folders, key=lambda path: (path.name[:10], int(path.name[11:]))):
        if (folder / FILE).is_file():
            last[folder.name[:10]] = folder
    parts = [_families(last[night]) for night in sorted(last)[-nights:]]
    return pl.concat(parts) if parts else _nothing()


def _families(run: Path) -> pl.DataFrame:
    told = pl.scan_parquet(run / FILE, glob=False)
    chosen = told.filter(pl.col("level") == "sector", pl.col("rule_id").is_null())
    return chosen.select("night", "sector", "family", *scores.COUNTS, "share", "low", "high").collect()


def _nothing() -> pl.DataFrame:
    texts = dict.fromkeys(("night", "sector", "family"), pl.String())
    counts = dict.fromkeys(scores.COUNTS, pl.Int64())
    return pl.DataFrame(schema={**texts, **counts, **dict.fromkeys(("share", "low", "high"), pl.Float64())})
