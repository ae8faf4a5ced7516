"""Which row is the header, and which column means what."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UnknownColumns
from pipelines.read.cells import SEARCHED_ROWS
from pipelines.sectors.schema import Column, TableSchema
from vn import encodings, names


@dataclass(frozen=True)
class Header:
    """Where the header stands and what its cells mean."""

    index: int
    """Position among the rows that were given, from 0."""
    columns: dict[int, str]
    """Cell position → our column name."""
    unknown: dict[int, str]
    """Cell position → header text of the columns that we keep without knowing them."""
    width: int
    """Cells up to the last one that is not empty."""


def locate(rows: Sequence[Sequence[str | None]], schema: TableSchema, overrides: Mapping[str, str] | None) -> Header:
    """The header of a table.

    `overrides` maps a header's text to our column name, or to "" to leave the column unknown; None where no
    mapping file can be given.
    Errors: UnknownColumns if no row looks like a header, a mandatory column is missing, or two mean the same.
    """
    meanings = _meanings(schema)
    chosen = {_key(header): name for header, name in (overrides or {}).items()}
    best = -1
    found: dict[int, str] = {}
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        here = {at: name for at, cell in enumerate(row) if (name := _meaning(cell, meanings, chosen))}
        if len(set(here.values())) > len(set(found.values())):
            best, found = index, here
    if len(set(found.values())) < 2:
        raise UnknownColumns(
            "no_header",
            f"Không thấy dòng tiêu đề trong {SEARCHED_ROWS} dòng đầu; tệp phải có các cột: "
            f"{_titles(c for c in schema.column if c.required)} / no header row found.",
        )
    header = rows[best]
    or_map = " hoặc ghi tên cột tương ứng vào mapping.toml" if overrides is not None else ""
    _refuse_doubles(header, best, found, schema)
    missing = [column for column in schema.column if column.required and column.name not in found.values()]
    if missing:
        raise UnknownColumns(
            "missing_column",
            f"Thiếu cột bắt buộc {_titles(missing)}; hãy thêm cột{or_map} "
            f"(các cột đang có: {', '.join(f'«{cell}»' for cell in header if cell)}) / missing mandatory columns: "
            f"{', '.join(column.title_en for column in missing)}.",
            header_index=best,
        )
    texts = {at: str(cell).strip() for at, cell in enumerate(header) if cell and cell.strip()}
    return Header(
        index=best,
        columns=found,
        unknown={at: text for at, text in texts.items() if at not in found},
        width=max(texts) + 1,
    )


def overrides(path: Path) -> dict[str, str]:
    """What a mapping file says: `[columns]`, then `"header" = "column"`, or `""` to keep it as unknown.

    Errors: UnknownColumns if it is no TOML of that shape.
    """
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["columns"]
        return {str(header): str(name) for header, name in table.items()}
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, UnicodeDecodeError) as fault:
        raise UnknownColumns(
            "bad_mapping",
            'mapping.toml sai cấu trúc; cần: [columns] rồi mỗi dòng "tiêu đề" = "tên cột" / mapping.toml must hold '
            '[columns] with lines "header" = "column".',
        ) from fault


def _refuse_doubles(header: Sequence[str | None], index: int, found: Mapping[int, str], schema: TableSchema) -> None:
    for name in dict.fromkeys(found.values()):
        places = [at for at in found if found[at] == name]
        if len(places) > 1:
            raise UnknownColumns(
                "ambiguous_column",
                f"Các cột {', '.join(f'«{header[at]}»' for at in places)} cùng nghĩa «{schema.find(name).title_vi}»; "
                "hãy bỏ bớt một cột, hoặc chọn cột trong mapping.toml / these columns have the same meaning: "
                "remove one or choose in mapping.toml.",
                header_index=index,
            )


def _meaning(cell: str | None, meanings: Mapping[str, str], chosen: Mapping[str, str]) -> str | None:
    if not cell:
        return None
    key = _key(cell)
    if key in chosen:
        return chosen[key] or None
    return next(filter(None, (_known(reading, meanings) for reading in _readings(cell))), None)


def _readings(cell: str) -> Iterator[str]:
    """The header as it stands, and as a list in an old font or encoding means it: its headers are in it too."""
    yield cell
    for decode in (encodings.mend_mojibake, encodings.from_tcvn3, encodings.from_vni):
        if (decoded := decode(cell)) != cell:
            yield decoded


def _known(text: str, meanings: Mapping[str, str]) -> str | None:
    bare = re.sub(r"\(.*?\)", " ", text)
    if known := meanings.get(_key(text)) or meanings.get(_key(bare)):
        return known
    each = {meanings.get(_key(part)) for part in bare.split("/")}  # Số CCCD/Số ĐDCN: names of one column
    return each.pop() if len(each) == 1 else None


def _meanings(schema: TableSchema) -> dict[str, str]:
    return {
        _key(text): column.name for column in schema.column for text in (*column.aliases, column.name, column.title_vi)
    }


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", names.fold(text))


def _titles(columns: Iterable[Column]) -> str:
    return ", ".join(f"«{column.title_vi}»" for column in columns)
