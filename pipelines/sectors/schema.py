"""What a sector's files contain: the columns, what their headers are called, what kind of value each holds.

A sector is one TOML file, beside this module or in a folder of one's own; the columns that all sectors share are in
`_identity.toml`. All faults of a table are reported at once. docs/new-sector.md shows how to write one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from matching.extension import FOREIGN, extended
from matching.model import Model, ModelError
from pipelines.errors import BadInput

DIRECTORY = Path(__file__).parent
REGISTRY = DIRECTORY.parent / "registry.toml"

Kind = Literal[
    "name",
    "foreign_name",
    "id",
    "foreign_id",
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
    given_first: bool = False
    """A foreign name's last word is the family name."""
    family: str | None = None
    """The column with the family name, where a foreign name stands in two."""
    given: str | None = None
    """The column with the given name, where a foreign name stands in two."""


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
        faults = [f"columns stand twice: {', '.join(doubles)}"] if doubles else []
        faults += [
            f"{column.name}: no column {part}"
            for column in self.column
            for part in (column.family, column.given)
            if part is not None and part not in names
        ]
        if faults:
            raise ValueError("; ".join(faults))
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
    record_key: tuple[str, ...] = ()
    """By which columns a corrected file's record replaces the earlier one; empty: by `key`."""
    foreign: bool = False
    """People of another register, with foreign names and numbers: Vietnam's rules are not asked, and no column is
    required that the sector's own table does not require."""
    registry: TableSchema | None = None
    """The other register's file; None: Vietnam's."""
    model: Model | None = None
    """By what its records are matched; None: the default tables."""

    @model_validator(mode="after")
    def _check(self) -> "Sector":
        names = [column.name for column in self.column]
        faults = [f"identity column {name} is missing" for name in IDENTITY if name not in names]
        faults += [f"key {name} is not a column" for name in (self.key, *self.record_key) if name not in names]
        if self.foreign:
            wanted = {"full_name": "foreign_name", "id_number": "foreign_id"}
            faults += [
                f"foreign: {column.name} must be of kind {wanted[column.name]}"
                for column in self.column
                if column.kind != wanted.get(column.name, column.kind)
            ]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def load(name: str, own: Path | None = None) -> Sector:
    """The sector's table, from this folder or from the folder `own`.

    Errors: BadInput if there is no such sector or its table is wrong.
    """
    if name not in known(own):
        raise BadInput(
            "unknown_sector",
            f"Không có lĩnh vực «{name}»; hiện có / no such sector; known: {', '.join(known(own))}.",
        )
    path = DIRECTORY / f"{name}.toml"
    # A table of one's own may change while a server runs.
    return _packaged(path) if path.is_file() or own is None else read(own / path.name)


@cache
def _packaged(path: Path) -> Sector:
    return read(path)


def read(path: Path) -> Sector:
    """The sector that the file describes; its name is the file's.

    Errors: BadInput if there is no such file, its table is wrong, or another sector has the name.
    """
    if not path.is_file():
        raise BadInput("unknown_sector", f"Không có tệp lĩnh vực «{path}» / no such sector file.")
    if path.parent != DIRECTORY and (DIRECTORY / path.name).is_file():
        raise BadInput("sector_table", f"{path.name}: đã có lĩnh vực tên này / there is a sector of this name.")
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
        foreign = own.get("foreign", False)
        columns = _with_shared(own.pop("column", []), _table(DIRECTORY / "_identity.toml")["column"], foreign)
        matching = {**({"like": FOREIGN} if foreign else {}), **own.pop("matching", {})}
        registry = own.pop("registry", None)
        return Sector.model_validate(
            {
                "name": path.stem,
                **own,
                "column": columns,
                "registry": None if registry is None else _registry(registry, foreign),
                "model": extended(matching) if matching else None,
            }
        )
    except (ValidationError, ModelError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadInput("sector_table", f"{path.name}: {fault}") from fault


def known(own: Path | None = None) -> tuple[str, ...]:
    """Names of all sectors, of this folder and of the folder `own`, sorted."""
    folders = [DIRECTORY, *([own] if own is not None and own.is_dir() else [])]
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("[a-z]*.toml")}))


@cache
def vietnam_registry() -> TableSchema:
    """The columns of Vietnam's registry file."""
    return TableSchema.model_validate(_table(REGISTRY))


def _registry(own: Mapping[str, Any], foreign: bool) -> dict[str, Any]:
    stated = _table(REGISTRY)
    return {**stated, **own, "column": _with_shared(own.get("column", []), stated["column"], foreign)}


def _with_shared(own: Iterable[Any], shared: Iterable[Mapping[str, Any]], foreign: bool) -> list[Any]:
    """The shared columns, but for those that the table replaces, and its own."""
    own = list(own)
    replaced = {column.get("name") for column in own}
    optional = {"required": False} if foreign else {}
    return [{**column, **optional} for column in shared if column["name"] not in replaced] + own


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
