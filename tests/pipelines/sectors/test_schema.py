"""A sector's table: what it may leave out, what it replaces, and every fault of it."""

import re
from pathlib import Path

import pytest

from matching.extension import FOREIGN, extended
from pipelines.errors import BadInput
from pipelines.sectors import schema
from tests.pipelines import club

ROOT = Path(__file__).parents[3]


def written(folder: Path, text: str, name: str = "club") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_foreign_sector_requires_only_what_it_says(tmp_path: Path) -> None:
    sector = schema.read(written(tmp_path, club.SECTOR))
    assert [column.name for column in sector.column if column.required] == ["full_name", "id_number"]
    assert sector.registry is not None
    assert [c.name for c in sector.registry.column if c.required] == ["person_id", "last_name", "first_name"]


def test_a_foreign_sector_is_matched_by_the_foreign_tables_and_its_own(tmp_path: Path) -> None:
    text = club.SECTOR + "\n[matching.weights.decision]\nlink_margin = 9.5\n"
    model = schema.read(written(tmp_path, text)).model
    assert model is not None
    assert "swapped" in model.find("name").labels()
    assert model.weights.decision.link_margin == 9.5
    assert model.weights.decision.link_probability == extended({"like": FOREIGN}).weights.decision.link_probability


def test_the_packages_sectors_have_no_tables_of_their_own() -> None:
    assert {name: schema.load(name).model for name in schema.known()} == dict.fromkeys(schema.known())


def test_a_folder_of_ones_own_is_beside_the_packages(tmp_path: Path) -> None:
    written(tmp_path, club.SECTOR)
    assert set(schema.known(tmp_path)) == {"club", *schema.known()}
    assert schema.load("club", tmp_path).title_en == "Sports club"
    with pytest.raises(BadInput, match="club"):
        schema.load("club")


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ('kind = "foreign_id"', 'kind = "id"', "id_number must be of kind foreign_id"),
        ('key = "row"', 'key = "line"', "key line"),
        ('family = "last_name"', 'family = "surname"', "no column surname"),
        ("foreign = true", "foreign = tru", "club.toml"),
        ("foreign = true", "foreign = true\ncolour = 1", "colour"),
        ("[[registry.column]]", "[matching]\nlike = 'martian'\n[[registry.column]]", "martian"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, was: str, becomes: str, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        schema.read(written(tmp_path, club.SECTOR.replace(was, becomes, 1)))


def test_the_documents_examples_are_sectors(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "new-sector.md").read_text(encoding="utf-8")
    licences, _, members, matching = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert schema.read(written(tmp_path, licences, "driving_licence")).model is None
    model = schema.read(written(tmp_path, members + matching)).model
    assert model is not None
    assert model.weights.u["id"]["slip"] == 9e-8


def test_a_name_that_is_taken_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="students"):
        schema.read(written(tmp_path, club.SECTOR, "students"))
    with pytest.raises(BadInput, match="nowhere"):
        schema.read(tmp_path / "nowhere.toml")
