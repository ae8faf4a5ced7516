"""Chooses the registry that the gateway answers from: the loaded one, a snapshot, or a file that is prepared first."""

from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.registry import load, snapshot

_COMPARED = {"person_id", "full_name", "date_of_birth", "sex", "old_ids", "other_names", "status"}
"""Columns that a snapshot has (docs/architecture.md); in a registry file that was sent, `old_ids` is text."""


def snapshot_for(settings: Settings, file: Path | None) -> Path:
    """The snapshot to answer from; one made of `file` is kept in the workspace, the pointer is left alone.

    Errors: BadInput if there is none, RegistryInvalid if the file is no registry.
    """
    if file is None:
        return snapshot.current(settings).path
    file = file.absolute()  # a relative one may read as a home (`~`) or a URL
    if file.suffix == ".parquet" and file.is_file() and snapshot.is_whole(file):
        schema = pl.scan_parquet(file, glob=False).collect_schema()
        if schema.keys() >= _COMPARED and schema["old_ids"] == pl.List(pl.String):
            return file
    return load.prepare(file, settings.registry_directory, settings).path
