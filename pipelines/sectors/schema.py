"""What a sector's files contain: the columns, what their headers are called, what kind of value each holds.

A sector is one TOML file beside this module; the columns that all sectors share are in `_identity.toml`.
All faults of a table are reported at once.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import BadInput

DIRECTORY = Path(__file__).parent

Kind = Literal[
    "name",
    "id",
    "date",
    "sex",
    "province",
    "commune",
    "text",
    "code",
    "year",
    "number",
    "phone",
    "bhxh",
    "bhyt",
]
"""What kind of value a column holds; `standardise` has one normaliser for each."""

IDENTITY = ("full_name", "date_of_birth", "sex", "id_number")
"""The four fields that every sector must have as columns (a cell may be empty)."""


class Column(BaseModel):
    """One column of a sector's files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Our name, the same in every table."""
    kind: Kind
    title_vi: str
    title_en: str
    aliases: tuple[str, ...] = ()
    """Headers seen in the field. Compared after folding: no marks, case, spaces or punctuation."""
    required: bool = False
    """The file is refused without this column."""
    example: str = ""


class TableSchema(BaseModel):
    """The columns of a kind of file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title_vi: str
    title_en: str
    column: tuple[Column, ...]

    @model_validator(mode="after")
    def _no_doubles(self) -> "TableSchema":
        names = [column.name for column in self.column]
        doubles = sorted({name for name in names if names.count(name) > 1})
        if doubles:
            raise ValueError(f"columns stand twice: {', '.join(doubles)}")
        return self

    def find(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return {column.name: column for column in self.column}[name]


class Sector(TableSchema):
    """One department's data set."""

    one_record_per_person: bool
    """False where a person has many rows on purpose (a vaccination dose each)."""
    key: str
    """The department's own code of a person or record."""

    @model_validator(mode="after")
    def _check(self) -> "Sector":
        names = [column.name for column in self.column]
        faults = [f"identity column {name} is missing" for name in IDENTITY if name not in names]
        if self.key not in names:
            faults.append(f"key {self.key} is not a column")
        if faults:
            raise ValueError("; ".join(faults))
        return self


@cache
def load(name: str) -> Sector:
    """The sector's table. Errors: BadInput if there is no such sector or its table is wrong."""
    path = DIRECTORY / f"{name}.toml"
    if name not in known():
        raise BadInput(
            "unknown_sector",
            f"Không có lĩnh vực «{name}»; hiện có / no such sector; known: {', '.join(known())}.",
        )
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
        replaced = {column.get("name") for column in own.get("column", [])}
        shared = tomllib.loads((DIRECTORY / "_identity.toml").read_text(encoding="utf-8"))["column"]
        columns = [column for column in shared if column["name"] not in replaced] + own.pop("column", [])
        return Sector.model_validate({"name": name, **own, "column": columns})
    except (ValidationError, tomllib.TOMLDecodeError) as fault:
        raise BadInput("sector_table", f"{path.name}: {fault}") from fault


def known() -> tuple[str, ...]:
    """Names of all sectors, sorted."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("[a-z]*.toml")))
