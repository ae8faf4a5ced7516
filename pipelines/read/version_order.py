"""Orders the versions of a list: by the night on which each first came, else by its name."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from pipelines.files.sheet import Note
from pipelines.sectors.header_key import spaced

_DATE = re.compile(r"\b(?:(20\d\d) ?(\d\d) ?(\d\d)|(\d\d) (\d\d) (20\d\d))\b")
_NUMBER = re.compile(r"\b(?:v|ver|version|lan|ban|so) ?(\d{1,3})\b|\b(\d{1,2})$")
_WORD = re.compile(r"\b(da sua|chinh sua|dieu chinh|cap nhat|hieu chinh|sua|moi|final|chinh thuc)\b")

FirstNights = Mapping[tuple[str, str], str]
"""(sector, sha256) → the night on which the content first came."""


class Version(NamedTuple):
    """Version number or date that a file's name states."""

    base: str
    """The name without the version."""
    date: str
    number: int


def version(source_file: str) -> Version:
    """The version in a file's name: `ds_lop_6_v2.xlsx` is version 2 of `ds lop 6`; a name without a mark is version
    0.
    """
    folder = PurePosixPath(source_file)
    name = spaced(folder.name.removesuffix(folder.suffix))
    date, number = "", 0
    if found := _DATE.search(name):
        year, month, day, day_, month_, year_ = found.groups()
        date = f"{year or year_}{month or month_}{day or day_}"
        name = name.replace(found.group(), " ")
    if found := _NUMBER.search(name.strip()):
        number = int(found.group(1) or found.group(2))
        name = name.replace(found.group(), " ")
    if found := _WORD.search(name):
        number = max(number, 1)
        name = name.replace(found.group(), " ")
    return Version(f"{folder.parent}/{' '.join(name.split())}", date, number)


class Order:
    """Order of a sector's files: which file replaces which."""

    def __init__(
        self, files: Mapping[str, dict[str, Any]], nights: FirstNights, sheets: Sequence[dict[str, Any]]
    ) -> None:
        self.files = files
        self._sheets = sheets
        self._nights = nights
        self.replaced: list[tuple[str, str]] = []
        """(earlier, later)"""
        self.unclear: list[tuple[str, str, int]] = []
        """Of two files none is known as the later; and how many codes they share."""

    def add(self, one: str, other: str, shared: int) -> None:
        earlier, later = sorted((one, other), key=self.sort_key)
        if self._is_known(earlier, later):
            self.replaced.append((earlier, later))
            return
        self.unclear.append((one, other, shared))

    def without(self, name: str) -> None:
        """Takes the file out of the order: it is held."""
        self.replaced = [pair for pair in self.replaced if name not in pair]
        self.unclear = [each for each in self.unclear if name not in each[:2]]

    def tell_unclear(self) -> None:
        """Writes a note on pairs of files of which neither is known to be the later."""
        for one, other, shared in self.unclear:
            for each, beside in ((one, other), (other, one)):
                note(
                    self.files[each],
                    "versions_unclear",
                    f"{shared} mã của ngành cũng có trong tệp «{beside}», không rõ tệp nào mới hơn nên giữ cả hai; hãy "
                    "đặt tên bản sửa là …_v2 hoặc gửi vào đêm khác / both files have these codes and none is newer.",
                )

    def every_sheet(self, name: str) -> list[dict[str, Any]]:
        """The file's rows of the table `files`, one a sheet."""
        return [each for each in self._sheets if each["source_file"] == name]

    def sort_key(self, name: str) -> tuple[str, str, int, str]:
        """Key by which files are sorted, the latest last."""
        said = version(name)
        return self.night(name), said.date, said.number, name

    def night(self, name: str) -> str:
        """The night on which the content first came."""
        return self._nights.get((self.files[name]["sector"], self.files[name]["sha256"]), "")

    def _is_known(self, earlier: str, later: str) -> bool:
        if self.night(earlier) != self.night(later):
            return True
        one, other = version(earlier), version(later)
        return one.base == other.base and (one.date, one.number) < (other.date, other.number)


def note(entry: dict[str, Any], code: str, message: str) -> None:
    entry["notes"] = json.dumps([*json.loads(entry["notes"]), vars(Note(code, message))], ensure_ascii=False)
