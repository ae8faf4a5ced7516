"""An embedded gateway: answers from a registry snapshot as the national one would, in this process.

It keeps its own memory of request codes and its own count of the day in its own database, so that a question whose
answer was lost in a crash is answered again and charged once. It says which fields agree, never what it holds.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, insert, select, update

from pipelines import state
from pipelines.errors import GatewayRefused
from pipelines.store import open_database, query
from pipelines.verify.gateway import ANSWER, DAILY_QUOTA, FLAGS

MOST_ROWS = 1_000
"""Questions in one message."""
BAD_FORMAT = "FORMAT"
KEY_REUSED = "KEY_REUSED"
"""The same request code with another question behind it."""

_METADATA = MetaData()
_answered = Table(
    "answered",
    _METADATA,
    Column("request_id", String(36), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("result", String(16), nullable=False),
    *(Column(flag, String(1), nullable=False) for flag in FLAGS),
    Column("quota_day", String(10), nullable=False),
)
_days = Table(
    "days",
    _METADATA,
    Column("day", String(10), primary_key=True),
    Column("accepted", Integer, nullable=False),
)
_REPLAYED = ("body_hash", "result", *FLAGS)
_MEMORY = [_answered.c.request_id, _answered.c.body_hash, _answered.c.result]
_MEMORY += [_answered.c[flag] for flag in FLAGS] + [_answered.c.quota_day]

_WORDS = """
CREATE MACRO words(name) AS list_sort(string_split(replace(strip_accents(lower(name)), 'đ', 'd'), ' '))
"""

_OLD_NUMBERS = """
CREATE TABLE old_numbers AS
SELECT DISTINCT unnest(old_ids) AS id_number, person_id FROM read_parquet($registry) WHERE len(old_ids) > 0
"""

_BODIES = """
SELECT request_id, sha256(concat_ws(chr(31), coalesce(id_number, ''), coalesce(full_name, ''),
                                    coalesce(date_of_birth, ''), coalesce(sex, ''))) AS body_hash,
       coalesce(regexp_full_match(id_number, '[0-9]{12}') AND coalesce(length(full_name), 0) <= 100, false)
           AS is_well_formed
FROM asked ORDER BY position
"""

_COMPARE = """
WITH now AS (
    SELECT asked.request_id, person_id, 'M' AS id_flag, false AS is_old, 1 AS persons
    FROM asked JOIN read_parquet($registry) AS registry ON registry.person_id = asked.id_number
), before AS (
    SELECT asked.request_id, min(person_id) AS person_id, 'P' AS id_flag, true AS is_old, count(*) AS persons
    FROM asked JOIN old_numbers USING (id_number)
    WHERE asked.request_id NOT IN (SELECT request_id FROM now)
    GROUP BY asked.request_id
), found AS (
    FROM now UNION ALL FROM before
), held AS (
    SELECT found.*, lower(registry.full_name) AS name,
           list_transform(registry.other_names, lambda n: lower(n)) AS others, registry.date_of_birth AS birth,
           registry.sex AS held_sex, registry.status AS life
    FROM found JOIN read_parquet($registry) AS registry USING (person_id)
), compared AS (
    SELECT asked.request_id, coalesce(id_flag, 'N') AS id_flag, coalesce(persons, 0) AS persons, is_old, life,
        CASE WHEN asked.full_name IS NULL THEN 'U' WHEN name IS NULL OR persons > 1 THEN 'X'
             WHEN lower(asked.full_name) = name OR list_contains(others, lower(asked.full_name)) THEN 'M'
             WHEN words(asked.full_name) = words(name) THEN 'P' ELSE 'N' END AS name_flag,
        CASE WHEN asked.date_of_birth IS NULL THEN 'U' WHEN birth IS NULL OR persons > 1 THEN 'X'
             WHEN asked.date_of_birth = birth THEN 'M'
             WHEN left(asked.date_of_birth, 4) = left(birth, 4) THEN 'P' ELSE 'N' END AS birth_flag,
        CASE WHEN asked.sex IS NULL THEN 'U' WHEN held_sex IS NULL OR persons > 1 THEN 'X'
             WHEN asked.sex = held_sex THEN 'M' ELSE 'N' END AS sex_flag
    FROM asked LEFT JOIN held USING (request_id)
)
SELECT request_id, id_flag, name_flag, birth_flag, sex_flag,
    CASE WHEN persons = 0 THEN 'NOT_FOUND' WHEN persons > 1 THEN 'MULTIPLE'
         WHEN name_flag = 'N' OR (birth_flag = 'N' AND sex_flag = 'N') THEN 'MISMATCH'
         WHEN life = 'deceased' THEN 'DECEASED'
         WHEN is_old OR life = 'cancelled' THEN 'CANCELLED_ID'
         WHEN birth_flag = 'N' THEN 'MISMATCH'
         WHEN name_flag = 'P' OR birth_flag = 'P' OR sex_flag = 'N' THEN 'PARTIAL'
         ELSE 'MATCH' END AS result
FROM compared ORDER BY request_id
"""


@contextmanager
def embedded(
    registry: Path,
    memory: Path,
    *,
    day: date,
    daily_cap: int,
    on_step: Callable[[str], None] = lambda _name: None,
) -> Iterator["EmbeddedGateway"]:
    """A gateway over the snapshot `registry` whose memory is the SQLite file `memory`, open on quota day `day`."""
    memory.parent.mkdir(parents=True, exist_ok=True)
    engine = state.connect(f"sqlite:///{memory.resolve()}")
    people = open_database()
    try:
        people.execute(_WORDS)
        people.execute(_OLD_NUMBERS, {"registry": str(registry)})
        with state.transaction(engine) as connection:
            _METADATA.create_all(connection)
        yield EmbeddedGateway(registry, people, engine, day, daily_cap, on_step)
    finally:
        people.close()
        engine.dispose()


class EmbeddedGateway:
    """A transport whose far end is in this process; `embedded` opens one."""

    def __init__(
        self,
        registry: Path,
        people: duckdb.DuckDBPyConnection,
        engine: Engine,
        day: date,
        daily_cap: int,
        on_step: Callable[[str], None],
    ) -> None:
        self._registry = registry
        self._people = people
        self._engine = engine
        self._day = day.isoformat()
        self._daily_cap = daily_cap
        self._step = on_step

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        """Answers in the order of the questions: those over the day's cap are turned down, uncharged."""
        if questions.height > MOST_ROWS:
            raise GatewayRefused(f"Quá {MOST_ROWS} câu hỏi trong một lần gửi / more than {MOST_ROWS} questions.")
        bodies = self._over(questions, _BODIES)
        compared = self._over(questions, _COMPARE)
        with state.transaction(self._engine) as connection:
            remembered = _remembered(connection, questions["request_id"].to_list())
            judged = _judge(bodies, compared, remembered, self._left(connection))
            accepted = judged.filter(pl.col("is_new") & pl.col("error").is_null())
            self._charge(connection, accepted)
            self._step("gateway.before_commit")
        self._step("gateway.after_commit")
        today = pl.coalesce("quota_day", pl.when(pl.col("error").is_null()).then(pl.lit(self._day)))
        return judged.with_columns(quota_day=today).select(list(ANSWER))

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        """What was answered to these requests; a request never received has no row."""
        with state.reading(self._engine) as connection:
            remembered = _remembered(connection, list(request_ids))
        return remembered.with_columns(error=pl.lit(None, dtype=pl.String)).select(list(ANSWER))

    def _over(self, questions: pl.DataFrame, sql: str) -> pl.DataFrame:
        self._people.register("asked", questions.with_row_index("position").to_arrow())
        try:
            parameters: dict[str, object] = {"registry": str(self._registry)} if "$registry" in sql else {}
            return query(self._people, sql, parameters)
        finally:
            self._people.unregister("asked")

    def _left(self, connection: Connection) -> int:
        accepted = connection.execute(select(_days.c.accepted).where(_days.c.day == self._day)).scalar()
        if accepted is None:
            connection.execute(insert(_days), {"day": self._day, "accepted": 0})
        return max(0, self._daily_cap - (accepted or 0))

    def _charge(self, connection: Connection, accepted: pl.DataFrame) -> None:
        if accepted.is_empty():
            return
        rows = accepted.select("request_id", "body_hash", "result", *FLAGS, quota_day=pl.lit(self._day))
        connection.execute(insert(_answered), rows.to_dicts())
        count = _days.c.accepted + accepted.height
        connection.execute(update(_days).where(_days.c.day == self._day).values(accepted=count))


def _remembered(connection: Connection, request_ids: list[str]) -> pl.DataFrame:
    rows = connection.execute(select(*_MEMORY).where(_answered.c.request_id.in_(request_ids))).all()
    schema = {column.name: pl.String for column in _MEMORY}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row").sort("request_id")


def _judge(bodies: pl.DataFrame, compared: pl.DataFrame, remembered: pl.DataFrame, left: int) -> pl.DataFrame:
    """Each question with its answer: remembered, new within the places left, or turned down with a code."""
    known = remembered.select("request_id", "quota_day", *(pl.col(c).alias(f"old_{c}") for c in _REPLAYED))
    joined = bodies.join(compared, on="request_id", how="left", maintain_order="left").join(
        known, on="request_id", how="left", maintain_order="left"
    )
    is_new = pl.col("quota_day").is_null()
    takes_place = is_new & pl.col("is_well_formed")
    error = (
        pl.when(~is_new & (pl.col("old_body_hash") != pl.col("body_hash")))
        .then(pl.lit(KEY_REUSED))
        .when(~pl.col("is_well_formed"))
        .then(pl.lit(BAD_FORMAT))
        .when(takes_place & (takes_place.cum_sum() > left))
        .then(pl.lit(DAILY_QUOTA))
    )
    judged = joined.with_columns(is_new=is_new, error=error)
    given = pl.col("error").is_null()
    answer = ("result", *FLAGS)
    return judged.with_columns(
        *(pl.when(given).then(pl.coalesce(f"old_{column}", column)).alias(column) for column in answer),
        quota_day=pl.when(given).then("quota_day"),
    )
