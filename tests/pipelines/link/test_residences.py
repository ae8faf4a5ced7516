"""Where a record says that its person lives, beside where the registry says it: the same, elsewhere, or as of old."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.link.residences import SCHEMA, judge, keep
from pipelines.sectors import schema
from pipelines.standardise.core_rows import core_rows
from pipelines.workspace import run_schema, run_tables
from tests.matching.tables import person, registry


class Case(NamedTuple):
    """Cells of a record, the person's codes, and what becomes of the three columns."""

    why: str
    province: str | None
    commune: str | None
    address: str | None
    theirs: tuple[str | None, str | None]
    found: tuple[str | None, str | None, str | None]


CASES = [
    Case("where they live", "79", "26740", None, ("79", "26740"), ("same", "same", None)),
    Case("by names", "TP.HCM", "Phường Sài Gòn", None, ("79", "26740"), ("same", "same", None)),
    Case("in another province", "01", "00004", None, ("79", "26740"), ("other", None, None)),
    Case("in another commune", "01", "00004", None, ("01", "00097"), ("same", "other", None)),
    Case("a province merged into theirs", "Bình Dương", None, None, ("79", "26740"), ("old", None, None)),
    Case("its code", "74", None, None, ("79", None), ("old", None, None)),
    Case("a province merged into another", "Bình Dương", None, None, ("01", None), ("other", None, None)),
    Case("a commune merged into theirs", "01", "Phường Phúc Xá", None, ("01", "00097"), ("same", "old", None)),
    Case("its code", "01", "00001", None, ("01", "00097"), ("same", "old", None)),
    Case("a commune merged into another", "01", "00001", None, ("01", "00004"), ("same", "other", None)),
    Case("a split commune, partly theirs", "01", "00040", None, ("01", "00070"), ("same", "old", None)),
    Case("a split commune, no part of it theirs", "01", "00040", None, ("01", "00097"), ("same", None, None)),
    Case("a commune only", None, "00004", None, ("79", "26740"), (None, "other", None)),
    Case("a commune only, of a person with a province only", None, "00004", None, ("79", None), (None, "other", None)),
    Case("the end of an address", None, None, "Tổ 1, Hà Nội", ("79", None), (None, None, "other")),
    Case("the same", None, None, "Tổ 1, TP. Hồ Chí Minh", ("79", None), (None, None, "same")),
    Case("of old", None, None, "Tổ 1, tỉnh Bình Dương", ("79", None), (None, None, "old")),
    Case("the person has a commune only", "79", None, None, (None, "26740"), ("same", None, None)),
    Case("a person without a place", "01", "00004", None, (None, None), (None, None, None)),
    Case("a record without a place", None, None, None, ("79", "26740"), (None, None, None)),
    Case("a place that nobody can read", "???", "???", "???", ("79", "26740"), (None, None, None)),
]


def _core(cases: list[Case]) -> pl.DataFrame:
    """The records as the hop `standardise` leaves them."""
    sector = schema.load("insurance")
    said = {"province_code": "province", "commune_code": "commune", "address": "address"}
    rows = [
        {column.name: None for column in sector.column}
        | {name: getattr(case, field) for name, field in said.items()}
        | {"record_id": f"r{at:02}", "sector": "insurance", "source_file": "a.csv", "sheet": "", "source_row": at}
        for at, case in enumerate(cases)
    ]
    kinds = dict.fromkeys(rows[0], pl.String) | {"source_row": pl.Int32, "extra": pl.String}
    return core_rows(pl.DataFrame(rows, schema=kinds), sector, date(2026, 11, 22))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | None, ...]]:
    """What is kept of the cases, each linked to its person; further persons are dead or for review."""
    people = [
        person(f"0010900000{at:02}", "Lê Văn An", "1990-01-01", "Nam", province_code=province, commune_code=commune)
        for at, (province, commune) in enumerate(case.theirs for case in CASES)
    ]
    gone = person("001090000090", "Lê Văn An", "1990-01-01", "Nam", province_code="79", status="deceased")
    core = _core([*CASES, CASES[2], CASES[2]])
    ids = [*(each["person_id"] for each in people), "001090000090", "001090000002"]
    links = core.select("record_id").with_columns(
        person_id=pl.Series(ids), decision=pl.Series([*["link"] * (len(CASES) + 1), "review"])
    )
    snapshot = registry(tmp_path_factory.mktemp("registry"), [*people, gone])
    with run_tables.open_database() as connection:
        run_tables.replace_table(connection, run_schema.core_table("insurance"), core)
        run_tables.replace_table(connection, run_schema.LINKS, links)
        keep(connection, ["insurance"], Path(snapshot))
        kept = run_tables.read_table(connection, run_schema.RESIDENCES)
    assert kept.columns == ["record_id", *SCHEMA], "nothing of the registry's own"
    return {record_id: tuple(said) for record_id, *said in kept.iter_rows()}


@pytest.mark.parametrize("at", range(len(CASES)), ids=[case.why for case in CASES])
def test_what_is_said_of_the_place(found: dict[str, tuple[str | None, ...]], at: int) -> None:
    assert found.get(f"r{at:02}", (None, None, None)) == CASES[at].found


def test_the_dead_and_the_doubtful_live_nowhere(found: dict[str, tuple[str | None, ...]]) -> None:
    assert not {f"r{len(CASES):02}", f"r{len(CASES) + 1:02}"} & found.keys()


_CODE = st.sampled_from(["01", "79", "48", None])
_COMMUNE = st.sampled_from(["00004", "00097", "26740", None])


@given(_CODE, _COMMUNE)
def test_whoever_lives_where_the_record_says_has_not_moved(province: str | None, commune: str | None) -> None:
    names = ("province_cell", "commune_cell", "address_end", "province_code", "commune_code", "province", "commune")
    row = dict(zip(names, (province, commune, None, province, commune, province, commune), strict=True))
    said = judge(pl.DataFrame([row], schema=dict.fromkeys(names, pl.String))).row(0)
    # A commune of another province than the record's is another rule's finding.
    assert said[0] in {"same", None}
    assert said[1] in {"same", None}
