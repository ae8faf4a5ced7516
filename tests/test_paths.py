"""A path is data: whatever letters it has, it is read and written there and nowhere else, and a night is the same."""

import re
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching.snapshot
from matching import duckdb_path
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.table import tables
from pipelines.gateway.simulator.number_index import NumberIndex
from pipelines.registry import load, snapshot
from pipelines.report import contracts
from pipelines.sectors import schema
from pipelines.workspace import lock, run_tables, state
from tests.pipelines import nights

ROOT = Path(__file__).parent.parent
LETTERS = "?*[]{}'\"\\%#&;$ \n\t~-=!^:,()|<>@+`" + "aZ0." + "ấđ" + unicodedata.normalize("NFD", "ấ")
NAMES = st.text(LETTERS, min_size=1, max_size=12).filter(lambda name: name not in (".", ".."))
WORST = "~a=1*[b]\\{c}'\"%20#&;$HOME\n-" + unicodedata.normalize("NFD", "Sạch") + " Sống"
"""Whatever means something to somebody, but `?`, which has tests of its own."""

EACH = settings(max_examples=40)


@contextmanager
def beside_namesakes(name: str) -> Iterator[Path]:
    """A folder of this name; beside it those that the name would mean as a pattern, or read otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        for other in {re.sub(r"[*?\[\]\\!^]", stand_in, name) for stand_in in ("x", "/", "")} - {name, "", ".", ".."}:
            elsewhere = Path(f"{folder}/{other}")
            elsewhere.mkdir(parents=True, exist_ok=True)
            pl.DataFrame({"n": [2]}).write_parquet(Path(folder) / "other")
            (Path(folder) / "other").rename(elsewhere / "t.parquet")
        place = Path(folder) / name
        place.mkdir(exist_ok=True)
        yield place


@given(name=NAMES)
@EACH
def test_duckdb_reads_and_writes_the_one_file(name: str) -> None:
    with beside_namesakes(name) as folder, run_tables.open_database() as connection:
        for file in (folder / "t.parquet", folder / f"{name}.parquet"):
            contracts.write_query(connection, "SELECT 1 AS n", file)
            found = run_tables.query(connection, f"SELECT * FROM {duckdb_path.rows(connection, file)}")
            assert found.to_dict(as_series=False) == {"n": [1]}
            assert snapshot.is_whole(file)


@given(name=NAMES.filter(lambda name: "?" not in name))
@EACH
def test_a_runs_tables_are_in_its_file(name: str) -> None:
    with beside_namesakes(name) as folder:
        file = folder / "run.duckdb"
        with run_tables.open_database(file) as one, run_tables.open_database(file) as other:
            run_tables.replace_table(one, "links", pl.DataFrame({"n": [1]}))
            assert run_tables.has_table(other, "links")
            spill = run_tables.query(one, "SELECT current_setting('temp_directory') AS t")["t"].item()
            assert Path(spill).parent.resolve() == folder.resolve()
        assert {path.name for path in folder.iterdir()} - {"t.parquet"} == {"run.duckdb"}
        with run_tables.open_database(file, read_only=True) as again:
            assert run_tables.read_table(again, "links").rows() == [(1,)]


@given(name=NAMES)
@EACH
def test_the_state_is_in_its_file(name: str) -> None:
    with beside_namesakes(name) as folder:
        with state.opened(Settings(workspace=folder)):
            pass
        assert {path.name for path in folder.iterdir()} - {"t.parquet"} == {"state.sqlite"}


@given(name=NAMES, ending=st.sampled_from(["csv", "parquet", "xlsx"]))
@EACH
def test_a_users_file_is_read_by_any_name(name: str, ending: str) -> None:
    with beside_namesakes(name) as folder:
        file = folder / f"{name}.{ending}"
        people = pl.read_csv(nights.LIST.encode(), infer_schema=False)
        with file.open("wb") as written:
            {"csv": people.write_csv, "parquet": people.write_parquet, "xlsx": people.write_excel}[ending](written)
        found = [part.rows for table in tables(file, HeaderAliases(schema.load("students")), scratch=folder)
                 for part in table.parts()]  # fmt: skip
        assert [rows["full_name"].to_list() for rows in found if rows.height] == [["Nguyễn Văn An"]]


@pytest.mark.parametrize("name", ["~", "~root", "file:", "s3:", "-w", "$HOME", "*"])
def test_a_relative_workspace_is_where_the_command_was_given(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.csv").write_text(nights.REGISTRY, encoding="utf-8")
    (tmp_path / name).mkdir()
    made = load.load(Settings(workspace=Path(name)), Path("r.csv"))
    assert made.path.resolve().parent == tmp_path / name / "registry"
    assert NumberIndex(made.path).find(pl.Series(["079087001234"]))["persons"].to_list() == [1]
    assert {path.name for path in tmp_path.iterdir()} == {"r.csv", name}


def test_of_one_snapshot_only_its_own_side_files_are_its(tmp_path: Path) -> None:
    """`*.parquet`, a snapshot that has none, beside another person's snapshot that has some."""
    (tmp_path / "an.csv").write_text(nights.REGISTRY, encoding="utf-8")
    (tmp_path / "binh.csv").write_text(nights.REGISTRY.replace("Nguyễn Văn An", "Trần Bình"), encoding="utf-8")
    an, binh = (
        load.load(Settings(workspace=tmp_path / name), tmp_path / f"{name}.csv").path for name in ("an", "binh")
    )
    of_an = list(an.parent.glob("*.index"))
    star = binh.rename(an.with_name("*.parquet"))
    assert NumberIndex(star).find(pl.Series(["079087001234"]))["held_name"].to_list() == ["Trần Bình"]
    matching.snapshot.prepare(star, 1, 256)
    assert set(an.parent.glob("*.index")) > set(of_an)


def test_where_duckdb_cannot_write_a_runs_tables_lie_in_a_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB writes the log of `a?b/run.duckdb` into `a.wal?b/run.duckdb`: another path, beside the workspace."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    asked = Settings(workspace=tmp_path / "a?b")
    with lock.exclusive(asked), run_tables.connect(Run(settings=asked, run_id="2026-11-22-1")) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    (made,) = (tmp_path / "tmp").iterdir()
    assert (made, stat.S_IMODE(made.stat().st_mode)) == (asked.work_directory, 0o700)
    assert [path.name for path in made.iterdir()] == ["2026-11-22-1.duckdb"]
    assert {path.name for path in tmp_path.iterdir()} == {"tmp", "a?b"}

    (tmp_path / "link").symlink_to(tmp_path / "a?b")
    assert Settings(workspace=tmp_path / "link").work_directory == made
    assert Settings(workspace=tmp_path / "other?").work_directory != made
    with pytest.raises(BadInput, match=r"«\?».*TMPDIR"):
        run_tables.open_database(tmp_path / "link" / "run.duckdb")


def test_a_folder_that_somebody_else_prepared_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    asked = Settings(workspace=tmp_path / "a?b")
    for prepared in (lambda: asked.work_directory.symlink_to(tmp_path), lambda: asked.work_directory.mkdir()):
        prepared()
        asked.work_directory.chmod(0o755)
        with pytest.raises(BadInput, match="TMPDIR"), lock.exclusive(asked):
            raise AssertionError
        asked.work_directory.unlink() if asked.work_directory.is_symlink() else asked.work_directory.rmdir()


def test_this_version_of_duckdb_still_needs_that_folder(tmp_path: Path) -> None:
    (tmp_path / "a?b").mkdir()
    with (
        duckdb.connect(str(tmp_path / "a?b" / "run.duckdb")) as connection,
        pytest.raises(duckdb.Error, match=r"a\.wal"),
    ):
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")


def test_a_night_is_the_same_in_whatever_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inbox, registry, sectors of one's own and the workspace, each under the worst names."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    plain = _night(tmp_path / "plain", "plain", "plain")
    for name in (WORST, f"{WORST}?"):
        assert _night(tmp_path / "worst", name, f"{name}?") == plain
    assert "links.parquet" in plain


def _night(folder: Path, workspace: str, other: str) -> dict[str, bytes]:
    """What a night hands on. Shape: the path in the run's folder → its bytes."""
    given = Settings(
        workspace=folder / workspace,
        inbox=folder / f"{other}-inbox",
        own_sectors=folder / f"{other}-sectors",
        night=date(2026, 11, 22),
        asks=True,
        threads=1,
    )
    sectors = folder / f"{other}-sectors"
    sectors.mkdir(parents=True)
    own = (ROOT / "pipelines" / "sectors" / "students.toml").read_text(encoding="utf-8")
    (sectors / "club.toml").write_text(own, encoding="utf-8")
    inbox = folder / f"{other}-inbox" / "club"
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text(nights.LIST, encoding="utf-8")
    registry = folder / f"{other}.csv"
    registry.write_text(nights.REGISTRY, encoding="utf-8")
    with lock.exclusive(given):
        load.load(given, registry)
        run = nights.through(given)
    return {
        str(path.relative_to(run.directory)): path.read_bytes()
        for path in sorted(run.directory.rglob("*"))
        if path.is_file() and path.name not in ("manifest.json", "times.html")
    }


def test_polars_is_told_that_a_path_is_no_pattern() -> None:
    """`read_ipc` and `read_parquet_schema` cannot be told: `scan_ipc(…).collect()` and `.collect_schema()` can."""
    lines = [
        line.strip()
        for path in (*ROOT.glob("pipelines/**/*.py"), *ROOT.glob("matching/**/*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"pl\.(read|scan)_(parquet|ipc|csv)\w*\((?!$)", line)
    ]
    of_paths = [line for line in lines if "read_bytes()" not in line]
    assert of_paths
    assert [line for line in of_paths if "glob=False" not in line] == []
