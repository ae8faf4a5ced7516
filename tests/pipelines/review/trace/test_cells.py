"""Cells: what stood there, what it became, which repairs are whose; hidden unless the rules say how it is shown."""

from pipelines.review.trace.cells import cells_of
from pipelines.sectors import schema

RAW = {"full_name": "nguyễn văn an", "id_number": "'079087001234", "address": "12 Lª Lîi", "employer": None}
CORE = {
    "full_name": "Nguyễn Văn An", "name_repairs": "case", "id_number": "079087001234", "id_repairs": "apostrophe",
    "address": "12 Lê Lợi", "text_repairs": "address:tcvn3", "sex": None, "sex_why_not": "unknown",
}  # fmt: skip
MAPPING = '[{"header": "Họ", "column": "full_name"}, {"header": "Tên", "column": "full_name"}]'


def test_each_column_of_the_sector_with_its_own_repairs() -> None:
    told = {cell.column: cell for cell in cells_of(schema.load("insurance"), RAW, CORE, MAPPING, unmasked=True)}
    assert told["full_name"].model_dump(include={"header", "text", "value", "repairs"}) == {
        "header": "Họ + Tên", "text": "nguyễn văn an", "value": "Nguyễn Văn An", "repairs": ("case",),
    }  # fmt: skip
    assert told["address"].repairs == ("tcvn3",)
    assert told["id_number"].repairs == ("apostrophe",)
    assert told["sex"].why_not == "unknown"
    assert told["employer"].text is None


def test_masked_as_the_rules_show_them() -> None:
    told = {cell.column: cell for cell in cells_of(schema.load("insurance"), RAW, CORE, None, unmasked=False)}
    assert (told["full_name"].value, told["id_number"].value) == ("N. V. A.", "079*****1234")
    assert told["address"].text == "…"
