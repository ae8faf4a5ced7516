import polars as pl
import pytest

from pipelines.config import Run

CONTRACTS = {
    "links": "record_id sector source_file source_row person_id decision status weight probability margin reason",
    "reviews": "record_id sector source_file source_row held",
    "issues": "record_id sector source_file source_row family rule_id issue column value severity",
    "rejected": "source_file sheet source_row code message",
    "verifications": "record_id sector tenant source_file source_row person_id request_id state result id_flag "
    "name_flag birth_flag sex_flag asked_on asked_tonight reused status decision",
    "duplicates": "sector record_id kept_record_id why",
}


@pytest.mark.parametrize(("name", "columns"), CONTRACTS.items())
def test_columns_are_exactly_the_contracts(written: Run, name: str, columns: str) -> None:
    assert pl.read_parquet(written.directory / f"{name}.parquet").columns == columns.split()


def test_links_are_sorted_by_file_and_row_and_hold_the_final_status(written: Run) -> None:
    links = pl.read_parquet(written.directory / "links.parquet")
    assert links.equals(links.sort("source_file", "source_row", "record_id"))
    # The table `links` says "agreed" for these; the gateway's answer made them "verified".
    assert links.filter(pl.col("status") == "verified").height == 17
    assert links.filter(pl.col("status") == "agreed").height == 5


def test_source_row_stays_a_number(written: Run) -> None:
    links = pl.read_parquet(written.directory / "links.parquet")
    assert links.schema["source_row"] == pl.Int32
    assert links.schema["weight"] == pl.Float64
