"""Tables spoilt before they are written: headers, cells, rows, columns. How many rows there are stays known."""

from collections.abc import Callable
from random import Random

Rows = list[list[str]]
"""A drawing's lines in cells; lines that open a sheet are single cells."""

NASTY = (
    "",
    "x" * 5000,
    "=1+1",
    "=cmd\\p' /C calc'!A0",
    "@SUM(A1)",
    "-",
    "0",
    "#REF!",
    "\U0001f600",
    "\u202eabc",
    "\u200b",
    "a\\nb",
    'a"b',
    '"',
    "a,b;c",
    "Tổng cộng",
    "Họ và tên",
    "(1)",
    "1E+400",
    "n:1e300",
    "n:-5",
    "n:0.1",
    "d:2026-12-31",
    "f:=A1->x",
    "e:#N/A",
    "s:...",
    "NaN",
    "inf",
    "99999999999999999999",
    "31/02/2000",
    "x",
    "\ufeff",
    "Nguyá»…n",
    "NguyÔn V¨n",
    "\u0323\u0301",
    "ﬁ",
    "İ",
)


def spoilt(drawn: str, chance: Random) -> tuple[str, list[str]]:
    """The drawing changed once to three times, and what was done."""
    rows: Rows = [line.split(" | ") for line in drawn.splitlines()]
    done = []
    for _ in range(chance.randint(1, 3)):
        change = chance.choice(CHANGES)
        change(rows, chance)
        done.append(change.__name__.strip("_"))
    return "\n".join(" | ".join(row) for row in rows) + "\n", done


def _row(rows: Rows, chance: Random) -> int:
    """Any row that is not a sheet's first line."""
    return chance.choice([at for at, row in enumerate(rows) if not row[0].startswith("===")])


def _header(rows: Rows) -> int:
    return next((at for at, row in enumerate(rows) if len(row) > 3), len(rows) - 1)


def _header_letter(rows: Rows, chance: Random) -> None:
    header = rows[_header(rows)]
    at = chance.randrange(len(header))
    text = header[at].removeprefix("n:").removeprefix("d:")
    place = chance.randrange(len(text) + 1)
    header[at] = text[:place] + chance.choice(["", "x", " ", "*", "(", "́"]) + text[place + chance.randint(0, 1) :]


def _header_exchanged(rows: Rows, chance: Random) -> None:
    header = rows[_header(rows)]
    one, other = chance.randrange(len(header)), chance.randrange(len(header))
    header[one], header[other] = header[other], header[one]


def _header_doubled(rows: Rows, chance: Random) -> None:
    header = rows[_header(rows)]
    header[chance.randrange(len(header))] = chance.choice(header)


def _header_blank(rows: Rows, chance: Random) -> None:
    header = rows[_header(rows)]
    header[chance.randrange(len(header))] = ""


def _header_other(rows: Rows, chance: Random) -> None:
    header = rows[_header(rows)]
    header[chance.randrange(len(header))] = chance.choice(
        ["Họ đệm", "Tên", "Nam", "Nữ", "Ngày", "Tháng", "Năm sinh", "Số CMND", "Lớp", "CCCD mẹ", "1", "Họ tên cha"]
    )


def _header_in_two_lines(rows: Rows, chance: Random) -> None:
    at = _header(rows)
    below = ["" for _ in rows[at]]
    for place in chance.sample(range(len(below)), min(3, len(below))):
        below[place] = chance.choice(["Nam", "Nữ", "Ngày", "Tháng", "Năm", "Số", rows[at][place]])
    rows.insert(at + 1, below)


def _cell(rows: Rows, chance: Random) -> None:
    row = rows[_row(rows, chance)]
    row[chance.randrange(len(row))] = chance.choice(NASTY)


def _column(rows: Rows, chance: Random) -> None:
    at, value = chance.randrange(8), chance.choice(NASTY)
    for row in rows[_header(rows) + 1 :]:
        if at < len(row) and not row[0].startswith("==="):
            row[at] = value


def _row_doubled(rows: Rows, chance: Random) -> None:
    at = _row(rows, chance)
    rows[at:at] = [list(rows[at]) for _ in range(chance.choice([1, 1, 2, 50]))]


def _row_removed(rows: Rows, chance: Random) -> None:
    if sum(not row[0].startswith("===") for row in rows) > 1:
        del rows[_row(rows, chance)]


def _row_blank(rows: Rows, chance: Random) -> None:
    at = _row(rows, chance)
    rows[at:at] = [[""] for _ in range(chance.choice([1, 1, 3, 30]))]


def _row_moved(rows: Rows, chance: Random) -> None:
    one, other = _row(rows, chance), _row(rows, chance)
    rows[one], rows[other] = rows[other], rows[one]


def _row_shifted(rows: Rows, chance: Random) -> None:
    rows[_row(rows, chance)].insert(0, chance.choice(["", "x"]))


def _row_of_one_cell(rows: Rows, chance: Random) -> None:
    rows.insert(_row(rows, chance) + 1, ["", *[""] * chance.randrange(6), chance.choice(NASTY)])


def _column_removed(rows: Rows, chance: Random) -> None:
    at = chance.randrange(8)
    for row in rows:
        if len(row) > 3 and at < len(row):
            del row[at]


def _column_added(rows: Rows, chance: Random) -> None:
    at, value = chance.randrange(9), chance.choice(NASTY)
    for row in rows:
        if len(row) > 3:
            row.insert(at, value)


CHANGES: tuple[Callable[[Rows, Random], None], ...] = (
    _header_letter,
    _header_exchanged,
    _header_doubled,
    _header_blank,
    _header_other,
    _header_in_two_lines,
    _cell,
    _column,
    _row_doubled,
    _row_removed,
    _row_blank,
    _row_moved,
    _row_shifted,
    _row_of_one_cell,
    _column_removed,
    _column_added,
)
