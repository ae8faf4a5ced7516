"""Verifies a finished run against its manifest, byte by byte. The manifest: a checksum of every input and output,
versions, counts.

`manifest.json` is written last and at once: where it stands, the run is complete. Times and what the machine
allowed itself stand only in `execution`; all else repeats for the same input.
"""

from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ValidationError, field_validator

from pipelines.audit import archive_check
from pipelines.audit.finding import Fault
from pipelines.audit.manifest import MANIFEST, _outputs
from pipelines.errors import BadInput
from pipelines.workspace.checksums import sha256


def verify(path: Path, *, inbox: Path | None = None) -> list[Fault]:
    """Every difference between the files and the manifest, by path; empty if every byte is as it was.

    `path` is a manifest or a workspace (then all its complete runs are checked). Outputs, the registry snapshot and
    the inputs as they were kept (or in `inbox`, if it is named or nothing was kept) are read and hashed again.
    Errors: BadInput if there is no manifest there.
    """
    manifests = [path] if path.is_file() else sorted(path.glob(f"runs/*/{MANIFEST}"))
    if not manifests:
        raise BadInput(
            "no_manifest",
            f"Không thấy {MANIFEST} trong «{path}»: lượt chạy chưa xong hoặc sai thư mục / no manifest here.",
        )
    return [fault for manifest in manifests for fault in _verify_run(manifest, inbox)]


class _Entry(BaseModel):
    path: str
    sha256: str

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or parts[0] == "/" or ".." in parts:
            raise ValueError("a path must stay inside the run")
        return path


class _Execution(BaseModel):
    inbox: Path


class _Sealed(BaseModel):
    run_id: str
    inputs: list[_Entry]
    outputs: list[_Entry]
    registry: _Entry | None
    execution: _Execution
    archive: str | None = None


def _verify_run(manifest: Path, inbox: Path | None) -> list[Fault]:
    try:
        sealed = _Sealed.model_validate_json(manifest.read_bytes())
    except ValidationError:
        return [Fault(str(manifest), "manifest", "Không đọc được manifest / the manifest cannot be read")]
    directory = manifest.parent
    workspace = directory.parent.parent
    faults = _compare(directory, sealed.outputs, sealed.run_id, "")
    known = {output.path for output in sealed.outputs}
    faults += [
        Fault(f"{sealed.run_id}/{name}", "extra", "Tệp lạ, không có trong manifest / not in the manifest")
        for name in (path.relative_to(directory).as_posix() for path in _outputs(directory))
        if name not in known
    ]
    if sealed.archive is not None:
        faults += archive_check.faults_of(workspace / "archive", sealed.run_id, sealed.archive)
    if inbox is not None or sealed.archive is None:
        faults += _compare(inbox or workspace / sealed.execution.inbox, sealed.inputs, "inbox", "input_")
    faults += _compare(workspace / "registry", [sealed.registry] if sealed.registry else [], "registry", "input_")
    return sorted(faults, key=lambda fault: (fault.path, fault.kind))


def _compare(folder: Path, entries: list[_Entry], shown: str, prefix: str) -> list[Fault]:
    faults = []
    for entry in entries:
        path, name = folder / entry.path, f"{shown}/{entry.path}"
        if not path.is_file():
            faults.append(Fault(name, f"{prefix}missing", "Tệp không còn / the file is gone"))
        elif sha256(path) != entry.sha256:
            faults.append(Fault(name, f"{prefix}changed", "Nội dung đã khác manifest / the content has changed"))
    return faults
