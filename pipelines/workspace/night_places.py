"""Keeps each run's figures by place, so that later nights can say who has moved on."""

import base64
import json
import zlib
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl
from sqlalchemy import delete, insert, select

from pipelines.config import Settings
from pipelines.workspace import state
from pipelines.workspace.state_tables import night_places

DAYS = 7
"""A place is compared with the oldest night of the last so many days."""
PLACE = ("level", "sector", "province_code", "commune_code", "unit")
"""Columns that name a place; `level` tells how many of the others are filled in."""
SCHEMA: dict[str, type[pl.DataType]] = {**dict.fromkeys(PLACE, pl.String), "needs_work": pl.Int64}


class Earlier(NamedTuple):
    """The places of an earlier night that had something to mend."""

    night: date
    places: pl.DataFrame
    """Columns of SCHEMA."""


def record(settings: Settings, run_id: str, places: pl.DataFrame) -> None:
    """Stores a run's places, and forgets those of nights that no night compares with any more; a run recorded again
    replaces its own. Shape: the columns of SCHEMA, a row a place.
    """
    columns = places.filter(pl.col("needs_work") > 0).select(list(SCHEMA)).to_dict(as_series=False)
    packed = zlib.compress(json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode())
    row = {"run_id": run_id, "night": settings.night.isoformat(), "places": base64.b64encode(packed).decode()}
    old = (settings.night - timedelta(days=DAYS)).isoformat()
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(delete(night_places).where((night_places.c.run_id == run_id) | (night_places.c.night < old)))
        connection.execute(insert(night_places), row)


def earlier(settings: Settings) -> Earlier | None:
    """The places of the oldest of the nights up to DAYS days before this one; None if there was none."""
    first = (settings.night - timedelta(days=DAYS)).isoformat()
    known = select(night_places.c.night, night_places.c.run_id).where(
        night_places.c.night >= first, night_places.c.night < settings.night.isoformat()
    )
    with state.opened(settings) as engine, state.reading(engine) as connection:
        nights = connection.execute(known).all()
        if not nights:
            return None
        oldest = min(night for night, _ in nights)
        # Of a night's runs the last holds.
        run_id = max((each for night, each in nights if night == oldest), key=lambda name: (len(name), name))
        packed = connection.execute(select(night_places.c.places).where(night_places.c.run_id == run_id)).scalar_one()
    columns = json.loads(zlib.decompress(base64.b64decode(packed)))
    return Earlier(date.fromisoformat(oldest), pl.DataFrame(columns, schema=SCHEMA))
