import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.audit.verify import verify
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.report.hop import report
from pipelines.workspace.checksums import combined, sha256
from tests.pipelines.filled_run import FILES, change, make_run

CONTENT = b"ho_ten;ngay_sinh\n"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A complete run whose inputs stand in the inbox with the checksums that were recorded."""
    run = make_run(tmp_path_factory.mktemp("sealed"))
    inbox = run.settings.inbox_directory
    for name, sector in [(name, row[0]) for name, row in FILES.items()] + [("danh_sach_loi.xlsx", "students")]:
        (inbox / sector).mkdir(parents=True, exist_ok=True)
        (inbox / sector / name).write_bytes(CONTENT)
    change(run, f"UPDATE files SET arrived_sha256 = '{sha256(inbox / 'students' / 'hs_q1.csv')}'")
    report(run)
    return run


@pytest.fixture
def sealed(original: Run, tmp_path: Path) -> Run:
    """A copy of it to be spoilt: a run can be carried elsewhere and still be checked."""
    workspace = tmp_path / "carried"
    shutil.copytree(original.settings.workspace, workspace)
    return Run(settings=Settings(workspace=workspace, night=original.settings.night), run_id=original.run_id)


def test_nothing_changed_is_no_fault(sealed: Run) -> None:
    assert verify(sealed.directory / "manifest.json") == []
    assert verify(sealed.settings.workspace) == []


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


SPOILERS: list[tuple[str, Callable[[Path], None], str]] = [
    ("runs/2026-11-22-1/links.parquet", flip, "changed"),
    ("runs/2026-11-22-1/reports/lists/students.xlsx", flip, "changed"),
    ("runs/2026-11-22-1/cleaned/insurance.parquet", Path.unlink, "missing"),
    ("runs/2026-11-22-1/reports/extra.csv", Path.touch, "extra"),
    ("runs/2026-11-22-1/.hidden", Path.touch, "extra"),
    ("inbox/students/hs_q1.csv", flip, "input_changed"),
    ("inbox/vaccination/tiem_chung.csv", Path.unlink, "input_missing"),
]


@pytest.mark.parametrize(("name", "spoil", "kind"), SPOILERS)
def test_one_spoilt_file_is_named(sealed: Run, name: str, spoil: Callable[[Path], None], kind: str) -> None:
    spoil(sealed.settings.workspace / name)
    (fault,) = verify(sealed.settings.workspace)
    assert fault.kind == kind
    assert fault.path == name.removeprefix("runs/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"run_id": "x"}',
        '{"outputs": 3, "inputs": [], "registry": null}',
        "\ufeff",
        '{"run_id": "x", "inputs": [], "outputs": 3, "registry": null}',
    ],
)
def test_a_spoilt_manifest_is_a_fault_not_a_crash(sealed: Run, text: str) -> None:
    (sealed.directory / "manifest.json").write_text(text, encoding="utf-8")
    assert [fault.kind for fault in verify(sealed.settings.workspace)] == ["manifest"]


def test_a_manifest_cannot_point_outside_the_run(sealed: Run) -> None:
    path = sealed.directory / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["outputs"][0]["path"] = "../../inbox/students/hs_q1.csv"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert [fault.kind for fault in verify(path)] == ["manifest"]


def test_no_manifest_is_said_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"manifest.json"):
        verify(tmp_path)


def test_manifest_tells_inputs_outputs_versions_and_counts(sealed: Run) -> None:
    text = (sealed.directory / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert text == json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert [row["path"] for row in manifest["inputs"]] == [
        "insurance/bhxh_kcn.xlsx",
        "students/danh_sach_loi.xlsx",
        "students/hs_q1.csv",
        "students/hs_q3.csv",
        "vaccination/tiem_chung.csv",
    ]
    outputs = {row["path"]: row for row in manifest["outputs"]}
    assert outputs["links.parquet"]["rows"] == 61
    assert outputs["reports/lists/students.xlsx"]["rows"] is None
    assert manifest["counts"]["records"] == 61
    assert manifest["conservation"][3] == {
        "sector": "students",
        "source_file": "hs_q3.csv",
        "rows_counted": 14,
        "links": 12,
        "rejected": 2,
        "difference": 0,
        "refused": None,
    }
    assert manifest["versions"]["packages"]["polars"]
    assert "rules/issues.toml" in manifest["sources"]["tables"]
    assert set(manifest["execution"]) == {
        "started", "finished", "inbox", "threads", "memory_mb", "machine", "hops",
    }  # fmt: skip
    assert str(sealed.settings.workspace) not in text


def test_combined_digest_depends_on_names_and_contents_not_on_order(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("2")
    digest = combined([first, second], tmp_path)
    assert digest == combined([second, first], tmp_path)
    first.rename(tmp_path / "c")
    assert digest != combined([tmp_path / "c", second], tmp_path)
