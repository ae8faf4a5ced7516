"""Locates the header row and gives each column its meaning, with a confidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.errors import UnknownColumns
from pipelines.files.header import fuzzy
from pipelines.files.header import rows as layout
from pipelines.files.header.aliases import HeaderAliases, Meaning, header_tables
from pipelines.files.header.rows import HeaderRows, Row
from pipelines.files.sheet import SEARCHED_ROWS, Merge, Note
from pipelines.sectors.header_key import key
from pipelines.sectors.schema import Column, TableSchema

SPLIT_KINDS = ("name", "date", "sex")
"""Kinds whose value may stand in several columns."""
MOST_COLUMNS = 1_000
"""Most columns with a header; a wider table is refused, since each row keeps all of them."""


@dataclass(frozen=True)
class Header:
    """The header's position and the meanings of its columns."""

    first: int
    """Position of its first line among the rows that were given, from 0."""
    last: int
    labels: dict[int, str]
    """Column, from 0 → its header as it is shown, `Ngày sinh / Ngày`; every column up to the last one has one."""
    meanings: dict[int, Meaning]
    """Column → its meaning."""
    notes: tuple[Note, ...] = ()
    """Notes about guesses."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.labels)

    @property
    def unknown(self) -> dict[int, str]:
        """Column → header, for the columns that are kept without being known."""
        return {at: label for at, label in self.labels.items() if at not in self.meanings}

    def sources(self, column: str) -> dict[str, int]:
        """Part (`""`: the whole value) of one of our columns → the column where it stands; empty if the file has
        none.
        """
        return {meaning.part: at for at, meaning in self.meanings.items() if meaning.column == column}


def locate(
    rows: Sequence[Row],
    words: HeaderAliases,
    *,
    row_numbers: Sequence[int] | None = None,
    merged: Sequence[Merge] = (),
) -> Header:
    """The header of a table.

    Errors: UnknownColumns if no row looks like a header, a mandatory column is missing, or two mean the same.
    """
    schema = words.schema
    found = layout.find(rows, row_numbers or range(1, len(rows) + 1), merged, words)
    if found is None:
        raise UnknownColumns(
            "no_header",
            f"Không thấy dòng tiêu đề trong {SEARCHED_ROWS} dòng đầu; tệp phải có các cột: "
            f"{_titles(c for c in schema.column if c.required)} / no header row found.",
        )
    if len(found.stacks) > MOST_COLUMNS:
        raise UnknownColumns(
            "too_many_columns",
            f"Bảng có {len(found.stacks)} cột, nhiều nhất {MOST_COLUMNS}; hãy chỉ giữ các cột của danh sách "
            "/ more columns than a list of people has.",
            header_index=found.last,
        )
    values = _values(rows, found)
    meanings = {at: meaning for at, meaning in found.meanings.items() if meaning.column}
    meanings = _split_values(found, meanings, values, merged, schema, words)
    kept = {at for at, meaning in found.meanings.items() if not meaning.column}
    unknown = {at: " / ".join(stack) for at, stack in found.stacks.items() if at not in meanings and at not in kept}
    meanings = _instead(unknown, meanings, schema)
    unknown = {at: label for at, label in unknown.items() if at not in meanings}
    guessed = _guessed(unknown, values, meanings, schema)
    header = Header(found.first, found.last, _labels(found, meanings), meanings | guessed)
    _refuse_doubles(header, schema)
    _refuse_missing(header, values, schema, words.may_map)
    return replace(header, notes=tuple(_told(header.labels[at], guessed[at], schema) for at in sorted(guessed)))


def _values(rows: Sequence[Row], found: HeaderRows) -> dict[int, list[str | None]]:
    below = rows[found.last + 1 :]
    widest = max((len(row) for row in below), default=0)
    return {at: [row[at] if at < len(row) else None for row in below] for at in range(widest)}


def _labels(found: HeaderRows, meanings: Mapping[int, Meaning]) -> dict[int, str]:
    """A header for each column; one without any is named by its place, since it may hold something all the same."""
    width = max([found.width, *(at + 1 for at in meanings)])
    return {at: " / ".join(found.stacks.get(at, ())) or f"(cột {at + 1})" for at in range(width)}


def _split_values(
    found: HeaderRows,
    meanings: Mapping[int, Meaning],
    values: Mapping[int, list[str | None]],
    merged: Sequence[Merge],
    schema: TableSchema,
    words: HeaderAliases,
) -> dict[int, Meaning]:
    """Also where one heading stands over the parts of a value that have no header of their own."""
    split = dict(meanings)
    for at, meaning in meanings.items():
        column = schema.find(meaning.column)
        if meaning.part or column.kind not in SPLIT_KINDS:
            continue
        if column.kind == "name" and _goes_on(at, found, values):
            split[at] = replace(meaning, part="family", how="part")
            split[at + 1] = replace(meaning, part="given", how="part")
    return _years_without_marks(_dates_in_parts(_dates_under_one(split, found, merged, schema), found, words))


def _goes_on(at: int, found: HeaderRows, values: Mapping[int, list[str | None]]) -> bool:
    """Whether the given name stands in a column of its own, without a header, behind the family name."""
    if at + 1 in found.stacks:
        return False
    beside = [value for value in values.get(at + 1, []) if value]
    here = [value for value in values.get(at, []) if value]
    is_word = [len(value.split()) <= 2 and not any(letter.isdigit() for letter in value) for value in beside]
    return bool(here) and 2 * len(beside) > len(here) and all(is_word)


def _dates_under_one(
    meanings: dict[int, Meaning], found: HeaderRows, merged: Sequence[Merge], schema: TableSchema
) -> dict[int, Meaning]:
    """A heading merged over three columns stands over day, month and year."""
    split = dict(meanings)
    for at, meaning in meanings.items():
        covers = {at, at + 1, at + 2}
        is_over_three = any(
            merge.first_column - 1 == at and merge.last_column - 1 == at + 2 for merge in merged
        ) and not covers & (set(found.stacks) - {at})
        if meaning.column and not meaning.part and schema.find(meaning.column).kind == "date" and is_over_three:
            for offset, part in enumerate(("day", "month", "year")):
                split[at + offset] = replace(meaning, part=part, how="part")
    return split


def _dates_in_parts(meanings: dict[int, Meaning], found: HeaderRows, words: HeaderAliases) -> dict[int, Meaning]:
    """`Ngày sinh`, `Tháng sinh`, `Năm sinh`: the first is a day where a month stands beside it."""
    months = {meaning.column for meaning in meanings.values() if meaning.part == "month"}
    whole = [at for at, each in meanings.items() if each.column in months and not each.part]
    parts = {at: part for at in whole if (part := words.alone(found.stacks[at][-1])) and part.column in months}
    return meanings | parts


def _years_without_marks(meanings: dict[int, Meaning]) -> dict[int, Meaning]:
    """`Ngay Thang Nam`: Nam is a year behind a month and without Nữ beside it."""
    said = {(meaning.column, meaning.part) for meaning in meanings.values()}
    dates = {column for column, part in said if part == "month"}
    changed = {}
    for at, meaning in meanings.items():
        before = meanings.get(at - 1)
        if meaning.part == "male" and (meaning.column, "female") not in said and before and before.column in dates:
            changed[at] = replace(meaning, column=before.column, part="year")
    return meanings | changed


def _instead(unknown: Mapping[int, str], meanings: Mapping[int, Meaning], schema: TableSchema) -> dict[int, Meaning]:
    """With the headers that mean one of our columns where no other header does, in a table that is of holders."""
    if not schema.of_holders:
        return dict(meanings)
    found, said = dict(meanings), {meaning.column for meaning in meanings.values()}
    for column, texts in header_tables().instead.items():
        places = [at for at, label in unknown.items() if key(label) in {key(text) for text in texts}]
        if len(places) == 1 and column not in said and column in {each.name for each in schema.column}:
            found[places[0]] = Meaning(column)
    return found


def _guessed(
    unknown: Mapping[int, str],
    values: Mapping[int, list[str | None]],
    meanings: Mapping[int, Meaning],
    schema: TableSchema,
) -> dict[int, Meaning]:
    """Near misses of the columns that no header spells; none where two headers are near to one column."""
    said = {meaning.column for meaning in meanings.values()}
    open_ = [column for column in schema.column if column.name not in said]
    guesses = fuzzy.guesses(unknown, values, open_) if unknown and open_ else []
    required = {column.name for column in open_ if column.required}
    # Two headers near a mandatory column are the officer's to choose: both go on, and are refused as doubles.
    once = [each for each in guesses if each.column in required or _count(guesses, each.column) == 1]
    return {each.at: Meaning(each.column, "", "near", each.confidence) for each in once}


def _count(guesses: Iterable[fuzzy.Guess], column: str) -> int:
    return sum(1 for guess in guesses if guess.column == column)


def _told(label: str, meaning: Meaning, schema: TableSchema) -> Note:
    title = schema.find(meaning.column).title_vi
    return Note(
        "guessed_header",
        f"Cột «{label}» được hiểu là «{title}» (chắc {meaning.confidence:.0%}); nếu sai, ghi vào mapping.toml: "
        f'"{label}" = "" / the header is taken for this column; if wrong, say so in mapping.toml.',
    )


def _refuse_doubles(header: Header, schema: TableSchema) -> None:
    for name in dict.fromkeys(meaning.column for meaning in header.meanings.values()):
        places = {at: meaning for at, meaning in header.meanings.items() if meaning.column == name}
        parts = [meaning.part for meaning in places.values()]
        if len(set(parts)) == len(parts) and not ("" in parts and len(parts) > 1):
            continue
        labels = [header.labels[at] for at in sorted(places)]
        choices = " hoặc ".join(f'"{label}" = ""' for label in labels)
        raise UnknownColumns(
            "ambiguous_column",
            f"Các cột {', '.join(f'«{label}»' for label in labels)} cùng nghĩa «{schema.find(name).title_vi}»; "
            f"hãy bỏ bớt cột, hoặc ghi vào mapping.toml cột không dùng: {choices} / these columns have the same "
            "meaning: remove one, or name in mapping.toml the one that is not meant.",
            header_index=header.last,
        )


def _refuse_missing(header: Header, values: Mapping[int, list[str | None]], schema: TableSchema, may_map: bool) -> None:
    missing = [column for column in schema.column if column.required and not header.sources(column.name)]
    for enough in (column.needs_only for column in schema.column if column.needs_only and header.sources(column.name)):
        missing = [column for column in missing if column.name in enough]
    # Old lists write the year of birth under Nam or Nữ: the place tells the sex.
    missing = [column for column in missing if column.kind != "sex" or not _sex_by_place(header, schema)]
    if not missing:
        return
    chosen = "".join(_choice(column, header, values) for column in missing) if may_map else ""
    raise UnknownColumns(
        "missing_column",
        f"Thiếu cột bắt buộc {_titles(missing)}; hãy thêm cột{chosen} (các cột đang có: "
        f"{', '.join(f'«{header.labels[at]}»' for at in range(header.width))}) / missing mandatory columns: "
        f"{', '.join(column.title_en for column in missing)}.",
        header_index=header.last,
    )


def _choice(column: Column, header: Header, values: Mapping[int, list[str | None]]) -> str:
    """Lines for mapping.toml, of which the officer takes the right one."""
    likely = fuzzy.suggestions(column, header.unknown, dict(values))
    if not likely:
        return f', hoặc ghi cột tương ứng vào mapping.toml: "tiêu đề" = "{column.name}"'
    lines = ", ".join(f'"{label}" = "{column.name}" (giống {share:.0%})' for label, share in likely)
    return f", hoặc chọn một dòng cho mapping.toml: {lines}"


def _sex_by_place(header: Header, schema: TableSchema) -> bool:
    dates = {column.name for column in schema.column if column.kind == "date" and column.required}
    return any(meaning.column in dates and meaning.part in ("male", "female") for meaning in header.meanings.values())


def _titles(columns: Iterable[Column]) -> str:
    return ", ".join(f"«{column.title_vi}»" for column in columns)
