"""Links one file to one registry without a workspace: `sachsong match`.

The two sides have nothing to do with one another until they are linked: they are prepared at the same time.
"""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.check import hop as check
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link import hop as link
from pipelines.read import hop as read
from pipelines.registry import load
from pipelines.report import contracts
from pipelines.sectors import schema
from pipelines.standardise import hop as standardise
from pipelines.workspace import run_schema, run_tables


def match(
    settings: Settings, registry_file: Path, sector: str, input_file: Path, out: Path, mapping: Path | None = None
) -> dict[str, int]:
    """Counts of rows, rejected rows and decisions; writes links, rejected and issues as Parquet into `out`.

    `sector` is a sector's name or the TOML file that describes one; `mapping` a TOML file that says which header means
    which column.
    Errors: BadInput if the file, the registry, the sector or the folder `out` cannot be used; then nothing is written.
    """
    described = schema.read(Path(sector)) if sector.endswith(".toml") else schema.load(sector)
    for file in filter(None, (input_file, mapping)):
        if not file.is_file():
            raise BadInput("no_such_file", f"Không có tệp «{file}» / no such file.")
    _refuse_unwritable(out)
    with tempfile.TemporaryDirectory(prefix="sachsong-") as folder:
        own = Path(folder) / "sectors"
        inside = settings.model_copy(
            update={"workspace": Path(folder), "inbox": Path(folder) / "inbox", "own_sectors": own}
        )
        if sector.endswith(".toml"):
            own.mkdir()
            shutil.copy(sector, own)
        run = Run(settings=inside, run_id="match")
        with ThreadPoolExecutor(1) as beside:
            loading = beside.submit(load.load, inside, registry_file, described)
            try:
                counts = read.read_one(run, described.name, input_file, mapping)
                standardise.standardise(run)
                check.check(run)
            finally:
                # What is wrong with the registry is told first, whatever the file is like.
                snapshot = loading.result()
        with run_tables.connect(run) as connection:
            # Without what a night keeps beside the links: its memory, places, events and examples.
            found = link.link_sector(link.core_of(connection, described), described, snapshot.path, inside)
            run_tables.replace_table(connection, run_schema.LINKS, found.links)
            connection.execute(_NOTHING_ASKED)
            for name in ("links", "rejected", "issues"):
                contracts.write_query(connection, contracts.CONTRACTS[name], out / f"{name}.parquet")
            decisions = run_tables.query(connection, "SELECT decision, count(*) AS n FROM links GROUP BY 1 ORDER BY 1")
    unusable = {"registry_rejected": snapshot.rejected} if snapshot.rejected else {}
    return counts | {"link": 0, "review": 0, "none": 0} | dict(decisions.iter_rows()) | unusable


def _refuse_unwritable(out: Path) -> None:
    """Told before an hour of work, not after it."""
    nearest = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise BadInput(
            "bad_output",
            f"Không ghi được vào «{nearest}»; hãy chọn thư mục khác cho --out / cannot write there: choose another.",
        )


_NOTHING_ASKED = """
CREATE OR REPLACE TABLE verifications
    (record_id VARCHAR, status VARCHAR, decision VARCHAR, state VARCHAR, result VARCHAR, asked_on VARCHAR)
"""
