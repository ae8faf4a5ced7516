"""A night whose hops only count their calls: what the tests of hops and runs share."""

from pathlib import Path

from pipelines.config import Run, Settings
from pipelines.night import hops, runs
from pipelines.workspace import run_tables

REGISTRY = "person_id,full_name,date_of_birth,sex\n079087001234,Nguyễn Văn An,1987-09-05,Nam\n"
LIST = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\nNguyễn Văn An,05/09/1987,Nam,079087001234\n"


class Counting:
    """A hop's function that counts its calls and leaves a table behind."""

    def __init__(self) -> None:
        self.calls = 0
        self.writes_manifest = False

    def __call__(self, run: Run) -> dict[str, int]:
        self.calls += 1
        with run_tables.connect(run):
            pass
        if self.writes_manifest:
            run.directory.mkdir(parents=True, exist_ok=True)
            (run.directory / "manifest.json").write_text("{}", encoding="utf-8")
        return {"calls": self.calls}


def hop(name: str, function: Counting) -> hops.Hop:
    return hops.Hop(name, "", "", function)


def through(settings: Settings) -> Run:
    """Every hop of the night, as the flow does them."""
    run = runs.open_run(settings)
    for each in hops.HOPS:
        hops.run_hop(run, each)
    return run


def calls(counted: dict[str, Counting]) -> str:
    return " ".join(f"{name}{function.calls}" for name, function in counted.items())


def spoil(path: Path) -> None:
    path.write_bytes(b"\xff{ not what it was" * 400)
