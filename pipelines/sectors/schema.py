"""Defines a sector's files: the columns, their headers, the kind of value of each.

A sector is one TOML file, beside this module or in a folder of one's own; the columns that all sectors share are in
`_identity.toml`. All faults of a table are reported at once. docs/new-sector.md shows how to write one.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from matching.extension import FOREIGN, extended
from matching.model import Model, ModelError
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.sectors import consistency, table_errors
from pipelines.sectors.table_errors import Fault

DIRECTORY = Path(__file__).parent
IDENTITY_TABLE = DIRECTORY / "_identity.toml"
NAME = r"[a-z][a-z0-9_]*"
REGISTRY = DIRECTORY / "_registry.toml"

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
"""Kind of a column's values; `standardise` has one normaliser for each."""

IDENTITY = ("full_name", "date_of_birth", "sex", "id_number")
"""The four fields that every sector must have as columns (a cell may be empty)."""


class Column(BaseModel):
    """One column of a sector's files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=f"^{NAME}$")
    """Our name of the column, the same in every table."""
    kind: Kind
    title_vi: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    """Headers seen in the field. Compared after folding: no marks, case, spaces or punctuation."""
    required: StrictBool = False
    """True if a file without this column is refused."""
    needs_only: tuple[str, ...] = ()
    """Columns without which a file with this column is refused: a deletion names a person, no more."""
    example: str = ""
    to_come: StrictBool = False
    """True for a date that may lie after the night: when a licence expires."""
    given_first: StrictBool = False
    """True if a foreign name's last word is the family name."""
    family: str | None = None
    """Column of the family name, where a foreign name stands in two."""
    given: str | None = None
    """Column of the given name, where a foreign name stands in two."""
    role: Literal["unit", "zone"] | None = None
    """Part in naming the record's unit (school, employer, vaccination site), which the lists are sorted by: `unit` is
    its name, `zone` the industrial zone that it lies in.
    """


class TableSchema(BaseModel):
    """The columns of a kind of file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=f"^{NAME}$")
    title_vi: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    of_holders: StrictBool = False
    """Who is the head of a household, as «Chủ hộ», is the record's person where the list has no other name."""
    column: tuple[Column, ...]

    def find(self, name: str) -> Column:
        """The column with this name; KeyError if there is none."""
        return {column.name: column for column in self.column}[name]

    def with_role(self, role: Literal["unit", "zone"]) -> Column | None:
        """The column that has this role; None if none has."""
        return next((column for column in self.column if column.role == role), None)


class Sector(TableSchema):
    """One department's data set."""

    one_record_per_person: StrictBool
    """False where a person has many rows on purpose (a vaccination dose each)."""
    key: str
    """Column of the department's own code of a person or record."""
    record_key: tuple[str, ...] = ()
    """Columns by which a corrected file's record replaces the earlier one; empty: by `key`."""
    foreign: StrictBool = False
    """True for people of another register, with foreign names and numbers: Vietnam's rules are not run, and only
    columns that the sector's own table requires are required.
    """
    registry: TableSchema | None = None
    """Columns of the other register's file; None: Vietnam's."""
    model: Model | None = None
    """Matching model of its records; None: the default tables."""

    @property
    def not_asked(self) -> frozenset[str]:
        """Identity fields that its records need not have: an empty cell there is no fault."""
        held = {column.name for column in self.column if column.required}
        return frozenset() if self.foreign else frozenset({"date_of_birth", "sex"} - held)


def load(name: str, own: Path | None = None) -> Sector:
    """The sector with this name, from this folder or from the folder `own`.

    Errors: BadInput if there is no such sector or its table is wrong.
    """
    if name not in known(own):
        raise BadInput(
            "unknown_sector",
            f"Không có ngành «{name}»; hiện có / no such sector; known: {', '.join(known(own))}.",
        )
    path = DIRECTORY / f"{name}.toml"
    # A table of one's own may change while a server runs.
    return _packaged(path) if path.is_file() or own is None else read(own / path.name)


def load_all(own: Path | None = None) -> dict[str, Sector]:
    """All sectors by name, of this folder and of the folder `own`, sorted. Errors: as `load`."""
    return {name: load(name, own) for name in known(own)}


def of_settings(settings: Settings) -> Mapping[str, Sector]:
    """Every sector of a night by name, sorted: the package's and those of the night's own folder, read once.

    Errors: BadInput if a table of the folder is wrong.
    """
    own = settings.sectors_directory
    paths = sorted(own.glob("[a-z]*.toml")) if own.is_dir() else []
    return _of_folder(own, tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(maxsize=8)
def _of_folder(own: Path, _as_they_are: tuple[tuple[Path, int, int], ...]) -> Mapping[str, Sector]:
    return MappingProxyType(load_all(own))


@cache
def _packaged(path: Path) -> Sector:
    return read(path)


def read(path: Path) -> Sector:
    """The sector that the file describes, with the file's name.

    Errors: BadInput if there is no such file, another sector has the name, or its table is wrong (with every fault).
    """
    if not path.is_file():
        raise BadInput("unknown_sector", f"Không có tệp bảng ngành «{path}» / no such sector file.")
    if path.parent != DIRECTORY and (DIRECTORY / path.name).is_file():
        raise BadInput("sector_table", f"{path.name}: đã có ngành tên này / there is a sector of this name.")
    return parsed(path.name, path.read_bytes())


def parsed(file: str, content: bytes) -> Sector:
    """The sector that a file of this name and content describes. Errors: BadInput with every fault of its table."""
    try:
        text = content.decode("utf-8-sig")
        own = tomllib.loads(text)
    except UnicodeDecodeError as fault:
        raise BadInput("sector_table", f"{file}: hãy lưu tệp bằng mã UTF-8 / save the file as UTF-8.") from fault
    except tomllib.TOMLDecodeError as fault:
        raise BadInput("sector_table", f"{file}: sai cú pháp TOML / not TOML: {fault}.") from fault
    if wrong := table_errors.of_shape(own):
        raise table_errors.refusal(file, text, wrong)
    sector, wrong = _built(file, own)
    if sector is None or wrong:
        raise table_errors.refusal(file, text, wrong)
    return sector


def _built(file: str, own: Mapping[str, Any]) -> tuple[Sector | None, list[Fault]]:
    """The sector, if its values can be used, and all faults."""
    shared, foreign = _table(IDENTITY_TABLE)["column"], bool(own.get("foreign", False))
    columns, first = _with_shared(own.get("column", []), shared, foreign)
    kinds = {column["name"]: column["kind"] for column in shared} | ({} if foreign else _kinds_elsewhere(file))
    wrong = list(_of_name(file)) + list(consistency.of_columns(columns, first))
    wrong += consistency.of_sector(own, columns, first, kinds)
    model, faults_of_model = _model(own, foreign)
    registry, faults_of_registry = _registry(own.get("registry"), foreign)
    values = {
        **own,
        "name": file.removesuffix(".toml"),
        "column": columns,
        "registry": registry,
        "model": model,
    }
    values.pop("matching", None)
    wrong += faults_of_model + faults_of_registry
    try:
        return Sector.model_validate(values), wrong
    except ValidationError as fault:
        return None, wrong + [_of_own(each, first) for each in table_errors.of_values(fault) if each.place != ("name",)]


def _of_name(file: str) -> Iterator[Fault]:
    name = file.removesuffix(".toml")
    if not re.fullmatch(NAME, name) or len(name) > consistency.LONGEST_SECTOR:
        yield Fault(
            (),
            f"tên tệp chỉ gồm a-z, 0-9 và _, bắt đầu bằng chữ, dài nhất {consistency.LONGEST_SECTOR} / the file's "
            "name: small letters, digits and _ only, a letter first.",
        )


def _of_own(fault: Fault, first: int) -> Fault:
    """The fault, its column counted as in the table itself, without those that all sectors share."""
    match fault.place:
        case ("column", int(at), *rest):
            return fault._replace(place=("column", at - first, *rest))
    return fault


def _kinds_elsewhere(file: str) -> dict[str, str]:
    """Of the columns of the package's sectors: one name means one thing in all of them."""
    paths = sorted(path for path in DIRECTORY.glob("[a-z]*.toml") if path.name != file)
    return {column["name"]: column["kind"] for path in paths for column in _table(path)["column"]}


def _model(own: Mapping[str, Any], foreign: bool) -> tuple[Model | None, list[Fault]]:
    matching = {**({"like": FOREIGN} if foreign else {}), **own.get("matching", {})}
    try:
        return (extended(matching) if matching else None), []
    except ModelError as fault:
        return None, [Fault(("matching",), str(fault))]


def known(own: Path | None = None) -> tuple[str, ...]:
    """Names of all sectors, of this folder and of the folder `own`, sorted."""
    folders = [DIRECTORY, *([own] if own is not None and own.is_dir() else [])]
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("[a-z]*.toml")}))


@cache
def vietnam_registry() -> TableSchema:
    """The columns of Vietnam's registry file."""
    return TableSchema.model_validate(_table(REGISTRY))


def _registry(own: Mapping[str, Any] | None, foreign: bool) -> tuple[TableSchema | None, list[Fault]]:
    """The schema of the sector's own register, if it has one and its values can be used, and all faults."""
    if own is None:
        return None, []
    stated = _table(REGISTRY)
    columns, first = _with_shared(own.get("column", []), stated["column"], foreign)
    wrong = list(consistency.of_columns(columns, first, ("registry",)))
    try:
        return TableSchema.model_validate({**stated, **own, "column": columns}), wrong
    except ValidationError as fault:
        found = [_of_own(each, first) for each in table_errors.of_values(fault)]
        return None, wrong + [each._replace(place=("registry", *each.place)) for each in found]


def _with_shared(own: Sequence[Any], shared: Iterable[Mapping[str, Any]], foreign: bool) -> tuple[list[Any], int]:
    """The shared columns, but for those that the table replaces, and its own; how many shared ones there are."""
    replaced = {column.get("name") for column in own}
    optional = {"required": False} if foreign else {}
    kept = [{**column, **optional} for column in shared if column["name"] not in replaced]
    return kept + list(own), len(kept)


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
