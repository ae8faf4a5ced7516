"""Checks what was kept of a run: the list that its manifest seals, and every content that the list names."""

import json
from pathlib import Path

from pipelines.audit.finding import Fault
from pipelines.workspace import archive
from pipelines.workspace.checksums import sha256

NAMED = ("inputs", "code", "sectors", "beside", "answered")
"""Parts of the list that map names to checksums; the registry is checked where it lies, it is the same file."""
SINGLE = ("known", "before_scores", "before_manifest")


def faults_of(folder: Path, run_id: str, digest: str) -> list[Fault]:
    """Everything that is not as it was kept, named by what it was; `digest` is the list's, as the manifest has it."""
    index = folder / f"{run_id}.json"
    if not index.is_file():
        return [Fault(f"archive/{index.name}", "missing", "Danh mục lưu trữ không còn / the list of contents is gone")]
    if sha256(index) != digest:
        return [Fault(f"archive/{index.name}", "changed", "Danh mục lưu trữ đã khác / the list of contents changed")]
    listed = json.loads(index.read_bytes())
    lacking = set(listed["lacking"])
    wanted = [(name, part, content) for part in NAMED for name, content in listed.get(part, {}).items()]
    wanted += [(part, part, listed[part]) for part in SINGLE if listed[part]]
    faults = []
    for name, part, content in wanted:
        path = archive.object_path(folder, content)
        if part == "inputs" and name in lacking:
            faults.append(Fault(f"archive/{name}", "missing", "Tệp đến đã đổi khi đang lưu / it changed while kept"))
        elif not path.is_file():
            faults.append(Fault(f"archive/{name}", "missing", "Tệp lưu trữ không còn / the kept file is gone"))
        elif sha256(path) != content:
            faults.append(Fault(f"archive/{name}", "changed", "Tệp lưu trữ đã đổi / the kept file has changed"))
    return faults
