"""A broken rule is named; what the database quotes from the data is not."""

from rules.errors import RuleBroken, TableError, without_values


def test_values_are_taken_out_and_columns_stay() -> None:
    cause = (
        "(_duckdb.ConversionException) Conversion Error: Could not convert string '079203012345' to INT32 in "
        'column "id_number"\n\nLINE 1: SELECT 079203012345\n[SQL: SELECT 1]'
    )
    said = without_values(cause)
    assert "0792" not in said
    assert 'column "id_number"' in said


def test_every_broken_rule_is_named() -> None:
    broken = RuleBroken({"correct-a": "no such column", "clean-b": "bad SQL"})
    assert isinstance(broken, TableError)
    assert broken.rule_ids == ("correct-a", "clean-b")
    assert "- correct-a: no such column\n- clean-b: bad SQL" in str(broken)
