"""Walks through the XML parts of a workbook in a ZIP file without holding one in memory; no DTD, so no entities."""

import posixpath
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO
from xml.parsers import expat

from pipelines.errors import UnreadableFile
from pipelines.files.workbooks.survey import damaged

Start = Callable[[dict[str, str]], None]
End = Callable[[], None]

_BLOCK_BYTES = 2**18


class Parts:
    """A workbook's parts by their names, upper and lower case alike."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._names = {name.replace("\\", "/").lstrip("/").lower(): name for name in self._archive.namelist()}

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._names

    def open(self, part: str) -> IO[bytes]:
        """A stream of the part's bytes. Errors: UnreadableFile if there is no such part."""
        if not self.has(part):
            raise damaged(f"thiếu phần «{part[:80]}»", f"{part[:80]} is missing")
        return self._archive.open(self._names[part.lower()])

    def walk(
        self,
        part: str,
        starts: Mapping[str, Start],
        ends: Mapping[str, End] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Calls these handlers for each element, by its name: as written if it has a prefix, else in the root's name
        space.

        Errors: UnreadableFile if the part is missing, no XML, or has a DTD.
        """
        walk = _Walk(part, starts, ends or {}, text)
        try:
            with self.open(part) as stream:
                while block := stream.read(_BLOCK_BYTES):
                    walk.parser.Parse(block, False)
                walk.parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as fault:
            raise damaged(f"XML của «{part}» sai", f"the XML of {part} is wrong") from fault


class _Walk:
    """One pass over one part: its root tells which prefix its elements have."""

    def __init__(
        self, part: str, starts: Mapping[str, Start], ends: Mapping[str, End], text: Callable[[str], None] | None
    ) -> None:
        self._part, self._starts, self._ends = part, starts, ends
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._root
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        if text is not None:
            self.parser.CharacterDataHandler = text

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        prefix = name[: name.find(":") + 1]
        starts = {_prefixed(each, prefix): handler for each, handler in self._starts.items()}
        ends = {_prefixed(each, prefix): handler for each, handler in self._ends.items()}

        # These two are called for each element: what they need is at hand.
        def start(name: str, attributes: dict[str, str], find: Callable[[str], Start | None] = starts.get) -> None:
            if handler := find(name):
                handler(attributes)

        def end(name: str, find: Callable[[str], End | None] = ends.get) -> None:
            if handler := find(name):
                handler()

        self.parser.StartElementHandler, self.parser.EndElementHandler = start, end
        start(name, attributes)

    def _refuse_doctype(self, *_: object) -> None:
        raise UnreadableFile(
            "damaged_file",
            f"Phần «{self._part}» của bảng tính có khai báo DTD, không phần mềm bảng tính nào viết như vậy; hãy lưu "
            "lại bằng Excel / the workbook declares a DTD, which no spreadsheet program writes: save it anew in Excel.",
        )


def beside(part: str, target: str) -> str:
    """The part that `target` means where `part` names it."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def _prefixed(name: str, prefix: str) -> str:
    return name if ":" in name else prefix + name
