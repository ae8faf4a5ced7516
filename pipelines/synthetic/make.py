"""The way in: write a registry of invented people and, if asked for, sector files with the truth beside them."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.errors import BadInput
from pipelines.synthetic import registry
from pipelines.synthetic.files import Form, sink
from pipelines.synthetic.registry import Census
from pipelines.synthetic.requests import SectorRequest

Progress = Callable[[int, int], None]
"""Called after each chunk with the people done and the people in all."""


class Summary(BaseModel):
    """What `make` wrote."""

    model_config = ConfigDict(frozen=True)

    people: int
    registry: Path
    truth: Path | None = None
    files: dict[str, int] = {}
    """Path of each sector file, relative to the folder, and its records."""
    kinds: dict[str, int] = {}
    """Records of each kind in the truth."""


def make(
    out: Path,
    people: int,
    seed: int,
    sectors: Sequence[SectorRequest] | None = None,
    preset: str = "vaccination-2022",
    night: date = date(2026, 11, 22),
    format: Literal["parquet", "csv"] = "parquet",
    progress: Progress | None = None,
) -> Summary:
    """Write `registry.<format>` and, for `sectors`, `inbox/<sector>/<file>` and `truth.<format>` into `out`.

    Shape: the registry depends on people, seed and night only, and the same arguments give the same bytes.
    Errors: BadInput for fewer than one person, a negative seed or an unknown preset.
    """
    if people < 1 or seed < 0:
        raise BadInput("bad_size", "Số người phải từ 1, hạt giống từ 0 / want people ≥ 1 and seed ≥ 0.")
    census = Census(people, seed, night)
    path = out / f"registry.{format}"
    with ExitStack() as stack:
        rows = stack.enter_context(sink(path, Form(newline="\n")))
        for chunk in range(census.chunks):
            frame = registry.chunk_of(census, chunk)
            rows.write(frame.select(registry.COLUMNS))
            if progress:
                progress(min(people, (chunk + 1) * registry.CHUNK), people)
    return Summary(people=people, registry=path)
