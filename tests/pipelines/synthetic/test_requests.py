"""What `--sectors` may say, and that headers are those of the sector tables."""

import re
from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.sectors import schema
from pipelines.synthetic.requests import SectorRequest, plan, plans
from vn.names import fold


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", []),
        ("students", [("students", None)]),
        ("students=5000, insurance", [("students", 5000), ("insurance", None)]),
        ("all", [("insurance", None), ("students", None), ("vaccination", None)]),
    ],
)
def test_a_plan_by_hand(text: str, asked: list[tuple[str, int | None]]) -> None:
    assert [(request.sector, request.rows) for request in plan(text)] == asked


@pytest.mark.parametrize("text", ["banking", "students=", "students=0", "students=-5", "students=many", "students,,"])
def test_what_is_not_understood_is_bad_input(text: str) -> None:
    if text == "students=":
        assert plan(text)[0].rows is None
        return
    with pytest.raises(BadInput):
        plan(text)


def folded(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(header))


@pytest.mark.parametrize("name", plans())
def test_headers_stand_in_the_sector_s_alias_table(name: str) -> None:
    """Whatever we write, a reader that knows the aliases must find (folded: case, marks and signs do not count)."""
    for request in plan("all" if name == "default" else name):
        sector = schema.load(request.sector)
        for column, header in request.columns.items():
            assert folded(header) in {folded(alias) for alias in sector.find(column).aliases}, (
                column,
                header,
            )


def test_a_plan_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[file]]\nsector="students"\nfile="a.csv"\ncolumns={full_name="Họ tên"}\n', encoding="utf-8")
    assert plan(str(path))[0].file == "a.csv"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(BadInput, match="trùng tên"):
        plan(str(path))
    with pytest.raises(BadInput):
        plan(str(tmp_path / "missing.toml"))


@pytest.mark.parametrize("file", ["../x.csv", "a/b.csv", "a.doc", "họ.csv"])
def test_a_file_name_cannot_leave_its_folder(file: str) -> None:
    with pytest.raises(ValueError, match="file"):
        SectorRequest(sector="students", file=file, columns={"full_name": "Họ tên"})
