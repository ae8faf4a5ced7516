"""Finds the question that a record of the last night asks."""

import polars as pl

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import runs


def request_of(settings: Settings, key: str) -> str:
    """The request code of a record of the last night; a request code is returned unchanged.

    Errors: BadInput if there is no finished night, or it asks nothing about such a record.
    """
    if len(key) == 36 and key.count("-") == 4:
        return key
    table = runs.last_run(settings).directory / "verifications.parquet"
    found = pl.scan_parquet(table, glob=False).filter(pl.col("record_id") == key).select("request_id").collect()
    if found.is_empty():
        raise BadInput(
            "no_question",
            f"Hồ sơ «{key}» không có yêu cầu xác thực trong đêm gần nhất (chưa gắn với ai, hoặc không có hồ sơ này) "
            "/ the last night asks nothing about this record.",
        )
    return str(found["request_id"][0])
