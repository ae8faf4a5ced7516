"""The two hops: each replaces its own families' rows and leaves the others', and a broken rule stops the run."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.check.hop import check, live
from pipelines.config import Run, Settings
from pipelines.errors import Terminal
from pipelines.workspace import run_schema, run_tables
from pipelines.workspace.run_schema import RULE_RESULTS
from tests.rules import records


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(settings=Settings(workspace=tmp_path, night=date(2026, 11, 22), threads=2), run_id="2026-11-22-1")
    records.create(
        run.database,
        {
            "insurance": [
                {"full_name": "Trần Bình", "id_number": "001099000001", "status": "deceased", "decision": "link"},
                {"full_name": "Lê An", "sex": "Nam", "id_sex": "Nữ", "status": "agreed", "decision": "link"},
            ],
            "students": [],
        },
    )
    return run


def table(run: Run, name: str) -> pl.DataFrame:
    with run_tables.connect(run) as connection:
        return run_tables.read_table(connection, name)


def families(run: Run) -> dict[str, int]:
    return dict(sorted(table(run, run_schema.ISSUES).group_by("family").len().iter_rows()))


def test_live_adds_its_family_and_replaces_only_it(run: Run) -> None:
    counts = check(run)
    before = table(run, run_schema.ISSUES)
    assert set(before["family"]) == {"correct", "complete"}
    assert counts["issues"] == before.height
    assert counts["records"] == 2

    found = live(run)
    after = table(run, run_schema.ISSUES)
    assert found["issues"] == 3  # one person has died, neither record has been asked about
    assert after.filter(pl.col("family") != "live").equals(before)
    assert after.equals(after.sort("sector", "source_file", "source_row", "rule_id"))
    pages = {path.name: path.read_bytes() for path in run.data_docs.iterdir()}
    assert set(pages) == {"index.html", *(f"insurance-{f}.html" for f in ("correct", "complete", "clean", "live"))}
    assert "Bảo hiểm xã hội" in pages["index.html"].decode()
    results = table(run, RULE_RESULTS)

    with run_tables.connect(run) as connection:
        connection.execute("UPDATE links SET status = 'verified' WHERE status = 'deceased'")
    live(run)
    assert families(run) == {**{f: n for f, n in _counted(before).items()}, "live": 2}
    assert table(run, RULE_RESULTS).height == results.height

    check(run)
    assert table(run, run_schema.ISSUES).equals(before)
    assert not (run.data_docs / "insurance-live.html").exists()


def test_running_again_gives_the_same_bytes(run: Run) -> None:
    def outputs() -> tuple[list[dict[str, object]], list[dict[str, object]], dict[str, bytes]]:
        check(run)
        live(run)
        pages = {path.name: path.read_bytes() for path in run.data_docs.iterdir()}
        return table(run, run_schema.ISSUES).to_dicts(), table(run, RULE_RESULTS).to_dicts(), pages

    assert outputs() == outputs()


def test_a_broken_rule_stops_the_run_by_name(run: Run) -> None:
    with run_tables.connect(run) as connection:
        connection.execute("ALTER TABLE core_insurance DROP COLUMN id_sex")
    with pytest.raises(Terminal, match="correct-id-sex"):
        check(run)
    with run_tables.connect(run) as connection:
        assert not run_tables.has_table(connection, run_schema.ISSUES)


def _counted(issues: pl.DataFrame) -> dict[str, int]:
    return dict(issues.group_by("family").len().iter_rows())
