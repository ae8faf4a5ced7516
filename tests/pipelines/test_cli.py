"""What the command line promises: quick help, one clear message, the right exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import cli

REGISTRY = "person_id,full_name,date_of_birth,sex\n079087001234,Nguyễn Văn An,1987-09-05,Nam\n"
LIST = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\nNguyễn Văn An,05/09/1987,Nam,079087001234\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    with pytest.raises(SystemExit) as end:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_help_imports_nothing_heavy() -> None:
    heavy = "great_expectations prefect polars duckdb sqlalchemy"
    program = (
        "import sys\nfrom pipelines import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


def test_one_file_against_one_registry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry, list_ = write(tmp_path / "r.csv", REGISTRY), write(tmp_path / "a.csv", LIST)
    arguments = ("match", "--registry", registry, "--sector", "insurance", "--input", list_, "--out", tmp_path / "out")
    code, out, _ = run(capsys, *arguments, "--json")
    assert code == 0
    assert json.loads(out)["link"] == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "issues.parquet",
        "links.parquet",
        "rejected.parquet",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("nightly", "--workspace", "{w}"), 2, "sachsong registry load"),
        (("nightly", "--workspace", "{w}", "--registry", "{w}/r.csv"), 2, "insurance, students, vaccination"),
        (("registry", "load", "--workspace", "{w}", "--registry", "{w}/none.csv"), 2, "none.csv"),
        (("report", "--workspace", "{w}"), 2, "sachsong nightly"),
        (("link", "--workspace", "{w}"), 2, "sachsong nightly"),
        (("audit", "verify", "--workspace", "{w}"), 2, "sachsong nightly"),
        (("match", "--registry", "{w}/r.csv", "--sector", "x", "--input", "{w}/r.csv", "--out", "{w}/o"), 2, "«x»"),
        (("nightly", "--cap", "-1"), 2, "--cap"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_bad_usage_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, told: str
) -> None:
    write(tmp_path / "r.csv", REGISTRY)
    ended, _, error = run(capsys, *(argument.format(w=tmp_path) for argument in arguments))
    assert ended == code
    assert told in error
    assert "Traceback" not in error


def test_our_own_fault_shows_no_value(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("079087001234 Nguyễn Văn An")

    monkeypatch.setattr(cli, "_settings", fail)
    code, _, error = run(capsys, "queue", "status")
    assert code == 3
    assert "ValueError" in error
    assert "Nguyễn" not in error
