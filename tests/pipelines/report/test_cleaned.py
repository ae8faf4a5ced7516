import polars as pl

from pipelines.config import Run


def test_has_every_record_and_no_original_cell(written: Run) -> None:
    cleaned = pl.read_parquet(written.cleaned / "students.parquet")
    assert cleaned.height == 34
    assert not [name for name in cleaned.columns if name.endswith("_raw")]
    assert cleaned.columns[-3:] == ["decision", "status", "person_id"]
    assert {"student_code", "school_name", "full_name", "content_hash"} <= set(cleaned.columns)


def test_a_proposal_that_waits_for_a_human_gives_no_person(written: Run) -> None:
    cleaned = pl.concat([pl.read_parquet(path) for path in written.cleaned.glob("*.parquet")], how="diagonal")
    assert cleaned.filter((pl.col("decision") != "link") & pl.col("person_id").is_not_null()).is_empty()
    assert cleaned.filter((pl.col("decision") == "link") & pl.col("person_id").is_null()).is_empty()
    links = pl.read_parquet(written.directory / "links.parquet")
    assert links.filter((pl.col("decision") == "review") & pl.col("person_id").is_not_null()).height > 0
