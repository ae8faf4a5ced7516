"""Writes a registry of invented people and, if asked for, sector files with the truth beside them."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from pipelines.errors import BadInput
from pipelines.synthetic import profiles, registry
from pipelines.synthetic.files import Form, sink
from pipelines.synthetic.records import Job, records_of
from pipelines.synthetic.registry import Census
from pipelines.synthetic.requests import SectorRequest

UNWRITABLE = frozenset({"name_tcvn3", "name_vni", "name_mojibake", "name_nfd"})
"""Errors whose characters windows-1258 does not have."""

Progress = Callable[[int, int], None]
"""A function that is called after each chunk with the people done and the people in all."""


class Summary(BaseModel):
    """Counts of what `make` wrote."""

    model_config = ConfigDict(frozen=True)

    people: int
    registry: Path
    truth: Path | None
    files: dict[str, int]
    """Records of each sector file, by `<sector>/<file>`."""
    kinds: dict[str, int]
    """Records of each kind in the truth."""


def make(
    out: Path,
    people: int,
    seed: int,
    sectors: Sequence[SectorRequest] | None = None,
    preset: str = "vaccination-2022",
    night: date = date(2026, 11, 22),
    format: str = "parquet",
    progress: Progress | None = None,
) -> Summary:
    """Summary of the files written: `registry.<format>` and, for `sectors`, `inbox/<sector>/<file>` and
    `truth.<format>`.

    `preset` holds for the files that name none of their own.
    Shape: the registry depends on people, seed and night only; the same arguments give the same bytes.
    Errors: BadInput for fewer than one person, a negative seed, an unknown preset or format.
    """
    if people < 1 or seed < 0:
        raise BadInput("bad_size", "Số người phải từ 1, số khởi tạo từ 0 / want people ≥ 1 and seed ≥ 0.")
    if format not in ("parquet", "csv"):
        raise BadInput("bad_format", f"Không ghi được dạng «{format}»; chọn parquet hoặc csv / no such format.")
    census = Census(people, seed, night)
    jobs = [_job(census, request, preset, number) for number, request in enumerate(sectors or ())]
    registry_path, truth_path = out / f"registry.{format}", out / f"truth.{format}"
    with ExitStack() as stack:
        rows = stack.enter_context(sink(registry_path, Form(newline="\n")))
        outputs = [_Output(job, stack, out) for job in jobs]
        truth = stack.enter_context(sink(truth_path, Form(newline="\n"))) if jobs else None
        kinds: Counter[str] = Counter()
        for chunk in range(census.chunks):
            strangers = max((job.strangers(chunk) for job in jobs), default=0)
            frame = registry.chunk_of(census, chunk, strangers)
            rows.write(frame.filter(pl.col("registered")).select(registry.COLUMNS))
            for output in outputs:
                facts = output.write(chunk, frame)
                kinds.update(facts["kind"].to_list())
                if truth:
                    truth.write(facts)
            if progress:
                progress(min(people, (chunk + 1) * registry.CHUNK), people)
    written = {f"{output.job.request.sector}/{output.job.request.file}": output.records for output in outputs}
    return Summary(
        people=people,
        registry=registry_path,
        truth=truth_path if jobs else None,
        files=written,
        kinds=dict(sorted(kinds.items())),
    )


class _Output:
    """A sector file in the making, and how many records it has so far."""

    def __init__(self, job: Job, stack: ExitStack, out: Path) -> None:
        request = job.request
        form = Form(request.encoding, request.delimiter, titles=request.titles, created=job.census.night)
        self.job, self.records = job, 0
        self._file = stack.enter_context(sink(out / "inbox" / request.sector / request.file, form))

    def write(self, chunk: int, people: pl.DataFrame) -> pl.DataFrame:
        """Append the chunk's records; the truth about them."""
        cells, truth = records_of(self.job, chunk, people)
        self._file.write(cells)
        first = self.job.request.header_row + 1 + self.records
        self.records += cells.height
        return truth.select(
            sector=pl.lit(self.job.request.sector),
            source_file=pl.lit(self.job.request.file),
            source_row=pl.int_range(first, first + pl.len()),
            person_id="person_id",
            errors="errors",
            kind="kind",
        )


def _job(census: Census, request: SectorRequest, preset: str, number: int) -> Job:
    profile = profiles.load(request.preset or preset)
    without = UNWRITABLE if request.encoding == "cp1258" else frozenset[str]()
    return Job(census, request, profile.adjusted(request.kinds, without), number)
