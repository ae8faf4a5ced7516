"""Reads a file of tenants for a what-if (`tenant,backlog,daily,weight`), and the same as an option."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.errors import BadInput
from pipelines.quota.allocation.weights import weight_of
from pipelines.quota.forecast.scenario import Tenant

COLUMNS = ("tenant", "backlog", "daily", "weight")
"""Columns of the file in any order, all of them; the separator is a comma or a semicolon."""
_MOST = 10**10
"""More than there are people; thousands of tenants over ten years still add up within 64 bits."""


def read_tenants(file: Path) -> list[Tenant]:
    """The tenants in the file's order.

    Errors: BadInput naming the file, every row at fault and what to write instead.
    """
    rows = _rows(file)
    tenants, faults, seen = [], [], dict[str, int]()
    for number, row in rows:
        try:
            tenant = _tenant(row)
            if tenant.name in seen:
                raise ValueError(
                    f"«{tenant.name}» đã có ở dòng {seen[tenant.name]}; mỗi đơn vị một dòng / one row a tenant"
                )
        except ValueError as fault:
            faults.append(f"dòng {number} / row {number}: {fault}")
            continue
        seen[tenant.name] = number
        tenants.append(tenant)
    if faults:
        raise BadInput("bad_tenants", f"«{file}»: " + "; ".join(faults) + ".")
    return tenants


def newcomer(text: str) -> Tenant:
    """A tenant as `--join` names it: name:backlog:daily.

    Errors: BadInput if it is not that.
    """
    parts = text.rsplit(":", 2)
    try:
        if len(parts) != len(COLUMNS) - 1:
            raise ValueError(f"{len(parts)} phần / parts")
        return _tenant({"tenant": parts[0], "backlog": parts[1], "daily": parts[2], "weight": "1"})
    except ValueError as fault:
        raise BadInput(
            "bad_join", f"--join «{text}» ({fault}): viết tên:tồn:mỗi_ngày / write name:backlog:daily."
        ) from None


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """Row numbers as a spreadsheet shows them, and cells by column."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            text = unicodedata.normalize("NFC", opened.read())
        head = text.partition("\n")[0]
        separator = ";" if head.count(";") > head.count(",") else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except OSError as fault:
        raise BadInput("no_tenants", f"Không mở được «{file}» ({fault.strerror}) / cannot be opened.") from fault
    except (UnicodeDecodeError, csv.Error) as fault:
        raise BadInput(
            "bad_tenants",
            f"«{file}» không phải CSV UTF-8; hãy lưu lại dạng CSV UTF-8 / is not CSV in UTF-8, save it so.",
        ) from fault
    names = [name.lower() for name in lines[0][1]] if lines else []
    if sorted(names) != sorted(COLUMNS):
        differing_vi, differing_en = _differing(names)
        raise BadInput(
            "bad_tenants",
            f"«{file}», dòng 1 cần đúng các cột {','.join(COLUMNS)}{differing_vi} "
            f"/ row 1 needs exactly these columns{differing_en}.",
        )
    if len(lines) == 1:
        raise BadInput("bad_tenants", f"«{file}»: không có đơn vị nào dưới dòng đầu / no tenant below the header.")
    wrong = [number for number, cells in lines if len(cells) != len(names)]
    if wrong:
        raise BadInput(
            "bad_tenants",
            f"«{file}», dòng {', '.join(map(str, wrong))}: cần {len(names)} ô / each row needs {len(names)} cells.",
        )
    return [(number, dict(zip(names, cells, strict=True))) for number, cells in lines[1:]]


def _differing(names: Sequence[str]) -> tuple[str, ...]:
    """Which columns are missing, and which are too many: in Vietnamese and in English."""
    left, lacking = list(names), []
    for column in COLUMNS:
        if column in left:
            left.remove(column)
        else:
            lacking.append(column)
    words = (("thiếu", "thừa"), ("missing", "not known or twice"))
    return tuple(
        "".join(f"; {word}: «{', '.join(found)}»" for word, found in zip(each, (lacking, left), strict=True) if found)
        for each in words
    )


def _tenant(row: Mapping[str, str]) -> Tenant:
    if not row["tenant"]:
        raise ValueError("thiếu tên đơn vị (cột tenant) / the tenant has no name")
    if not row["tenant"].isprintable():
        raise ValueError(
            "tên đơn vị có ký tự không in được; gõ lại tên / the tenant's name is not printable, retype it"
        )
    return Tenant(row["tenant"], _count(row, "backlog"), _count(row, "daily"), weight_of(row["weight"]))


def _count(row: Mapping[str, str], column: str) -> int:
    text = row[column]
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST:
        raise ValueError(
            f"{column} «{text}»: viết số nguyên từ 0 đến {_MOST}, không dấu chấm, ví dụ 56000 / "
            "a whole number, no separators"
        )
    return int(text)
