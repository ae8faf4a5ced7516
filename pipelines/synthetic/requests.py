"""Parses what `--lists` asks for into a list of sector files to write."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import BadInput
from pipelines.synthetic import profiles

Format = Literal["csv", "xlsx", "parquet"]


class SectorRequest(BaseModel):
    """One sector file to write: whose records, how many, how dirty, and in which form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sector: Literal["insurance", "students", "vaccination"]
    file: str = Field(pattern=r"^[A-Za-z0-9_.-]+\.(csv|xlsx|parquet)$")
    """Name of the file in `inbox/<sector>/`; its ending is its format."""
    rows: int | None = Field(default=None, ge=1)
    """Records, duplicates included; null for `share` of the people whom the sector concerns."""
    share: float = Field(default=0.6, gt=0, le=1)
    preset: str | None = None
    """Name of the preset in `presets.toml`; null for the preset of the whole run."""
    kinds: dict[str, float] = {}
    """Shares of kinds of records that differ from the preset's."""
    provinces: tuple[str, ...] = ()
    """Two-digit codes of the provinces where the people live; all if empty."""
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    titles: tuple[str, ...] = ()
    """Lines above the header."""
    columns: dict[str, str]
    """Column of the sector → header in the file, in the file's order."""
    date_cells: bool = False
    """In a workbook: about half of the dates of birth are cells of Excel's date type."""
    labels: dict[str, str] = {}
    """Column → the one text that stands in all its cells (an employer, a school)."""

    @property
    def format(self) -> Format:
        """Format that the file's ending names."""
        endings: dict[str, Format] = {".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet"}
        return endings[Path(self.file).suffix]

    @property
    def header_row(self) -> int:
        """The header's position in the file, counted from 1."""
        return 1 if self.format == "parquet" else len(self.titles) + 1

    @model_validator(mode="after")
    def _check(self) -> "SectorRequest":
        if self.preset is not None:
            profiles.load(self.preset)
        return self


def plan(text: str) -> tuple[SectorRequest, ...]:
    """The files that `--lists` asks for.

    `text` is empty (no file); `all`; sectors with commas between, perhaps with a number of records
    (`students=5000,insurance`); the name of a plan of this package (`sample`); or the path of a TOML file like
    `plans/sample.toml`.
    Errors: BadInput for an unknown sector, or a plan that is faulty or cannot be read.
    """
    if not text.strip():
        return ()
    if text.endswith(".toml"):
        return _read(_own(Path(text)), text)
    if text in plans() and text != "default":
        return _read((files(__package__) / "plans" / f"{text}.toml").read_text(encoding="utf-8"), text)
    known: dict[str, SectorRequest] = {request.sector: request for request in _read(_default(), "default")}
    if text == "all":
        return tuple(known.values())
    return tuple(_one(part.strip(), known) for part in text.split(","))


def plans() -> tuple[str, ...]:
    """Names of the plans that come with the package."""
    return tuple(sorted(Path(entry.name).stem for entry in (files(__package__) / "plans").iterdir()))


def _own(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput("bad_plan", f"Không đọc được kế hoạch «{path.name}» / cannot read the plan.") from fault


def _default() -> str:
    return (files(__package__) / "plans" / "default.toml").read_text(encoding="utf-8")


def _one(part: str, known: dict[str, SectorRequest]) -> SectorRequest:
    """`students` or `students=5000`."""
    sector, _, rows = part.partition("=")
    if sector not in known or (rows and not (rows.isascii() and rows.isdigit() and int(rows) > 0)):
        raise BadInput(
            "bad_sectors",
            f"Không hiểu «{part}»: cần ngành[=số dòng] / want sector[=rows], one of {', '.join(known)}.",
        )
    return known[sector].model_copy(update={"rows": int(rows)}) if rows else known[sector]


def _read(text: str, name: str) -> tuple[SectorRequest, ...]:
    try:
        wanted = tuple(SectorRequest.model_validate(entry) for entry in tomllib.loads(text)["file"])
    except (tomllib.TOMLDecodeError, KeyError, ValidationError) as fault:
        raise BadInput("bad_plan", f"Kế hoạch «{name}» sai / faulty plan: {fault}") from fault
    names = [(request.sector, request.file) for request in wanted]
    if len(set(names)) < len(names):
        raise BadInput("bad_plan", f"Kế hoạch «{name}»: hai tệp trùng tên / two files have the same name.")
    return wanted
