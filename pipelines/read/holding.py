"""Holds back files that would take values away from what they replace, and masked ones."""

from collections.abc import Collection
from datetime import date

import duckdb
import polars as pl

from pipelines.errors import BadInput
from pipelines.read import losses
from pipelines.read.version_order import Order
from pipelines.sectors.schema import Sector
from pipelines.workspace import run_schema


def hold(
    connection: duckdb.DuckDBPyConnection,
    sector: Sector,
    order: Order,
    night: date,
    allowed: Collection[tuple[str, str]],
) -> None:
    """Takes files that must not replace anything out of the order, one after the other."""
    connection.execute("CREATE OR REPLACE TEMP TABLE gone (record_id VARCHAR)")
    for later in sorted({later for _, later in order.replaced}, key=order.sort_key):
        earlier = sorted((one for one, other in order.replaced if other == later), key=order.sort_key)
        if not earlier:
            continue
        loss = losses.of_file(connection, sector, later, earlier, night)
        entry = order.files[later]
        may = {(sector.name, entry["sha256"]), (sector.name, entry["arrived_sha256"])} & set(allowed)
        if loss.is_masked or (loss.is_much and not may):
            _refuse(connection, sector, order, later, losses.held(loss, earlier))
            continue
        _reject_masked(connection, sector, loss.masked)
        connection.execute("INSERT INTO gone SELECT old_id FROM beside SEMI JOIN keyed ON keyed.record_id = new_id")
    unclear = [each[:2] for each in order.unclear]
    may_be_masked = losses.files_with_masks(connection, sector, {name for pair in unclear for name in pair})
    for one, other in unclear:
        for masked, whole in ((one, other), (other, one)):
            # Many files of one night may be unclear pair by pair: only those with a masked cell are compared.
            if masked in may_be_masked & order.files.keys() and (one, other) in {each[:2] for each in order.unclear}:
                loss = losses.of_file(connection, sector, masked, [whole], night)
                if loss.is_masked:
                    _refuse(connection, sector, order, masked, losses.held(loss, [whole]))


def _refuse(connection: duckdb.DuckDBPyConnection, sector: Sector, order: Order, name: str, refusal: BadInput) -> None:
    order.without(name)
    for entry in order.every_sheet(name):
        entry["refused"], entry["message"] = refusal.code, str(refusal)
    raw = run_schema.raw_table(sector.name)
    told: dict[str, object] = {"file": name, "code": refusal.code, "message": str(refusal)}
    connection.execute(_REJECT_FILE.format(rejected=run_schema.REJECTED, raw=raw), told)
    connection.execute(f"DELETE FROM {raw} WHERE source_file = $file", {"file": name})
    connection.execute("DELETE FROM keyed WHERE source_file = $file", {"file": name})


def _reject_masked(connection: duckdb.DuckDBPyConnection, sector: Sector, record_ids: pl.Series) -> None:
    if record_ids.is_empty():
        return
    connection.register("masked", record_ids.to_frame("record_id").to_arrow())
    raw = run_schema.raw_table(sector.name)
    connection.execute(_REJECT_MASKED.format(rejected=run_schema.REJECTED, raw=raw), {"message": _MASKED})
    for table in (raw, "keyed"):
        connection.execute(f"DELETE FROM {table} WHERE record_id IN (SELECT record_id FROM masked)")
    connection.unregister("masked")


_MASKED = (
    "Ô đã che mà tệp trước có đủ giá trị: giữ hồ sơ của tệp trước; hãy gửi lại dòng này không che / a masked cell "
    "replaces no value: send the row unmasked."
)
_REJECT_FILE = """
INSERT INTO {rejected} BY NAME
SELECT sector, source_file, sheet, source_row, $code AS code, $message AS message FROM {raw} WHERE source_file = $file
"""
_REJECT_MASKED = """
INSERT INTO {rejected} BY NAME
SELECT sector, source_file, sheet, source_row, 'masked' AS code, $message AS message FROM {raw} SEMI JOIN masked
USING (record_id)
"""
