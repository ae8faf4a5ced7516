"""A run's database made from a few cells, by the columns of the package's sectors."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.sectors import schema
from pipelines.workspace import run_tables
from rules import examples
from rules.tables import Cells

COLUMNS = {name: [column.name for column in sector.column] for name, sector in schema.load_all().items()}


def create(database: Path, records: Mapping[str, Iterable[Cells]]) -> None:
    """A run's database with `core_<sector>` for each sector given, `links`, `residences` and `verifications`."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with run_tables.open_database(database) as connection:
        examples.fill(connection, records, COLUMNS)
