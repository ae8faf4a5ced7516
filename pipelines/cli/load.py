"""`sachsong load`: explains how a department's file would be read, and puts it into the inbox whole."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.options import DEFAULT_WORKSPACE, Json, OwnSectors, Workspace, settings
from pipelines.cli.show.counts import show_counts
from pipelines.cli.who import PasswordFd
from pipelines.errors import BadInput


def load(
    file: Annotated[Path, typer.Argument(help="Tệp của ngành / a department's file.")],
    sector: Annotated[
        str | None, typer.Option(help="Ngành, mặc định tên thư mục chứa tệp / default: the folder's name.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Chỉ xem các cột và dòng đầu / only show columns and first rows.")
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="mapping.toml; mặc định của thư mục ngành / default: the sector's.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=100, help="Số dòng đầu / first rows.")] = 5,
    takes_away: Annotated[
        bool,
        typer.Option(
            "--takes-away", help="Cho phép bản sửa này làm mất dữ liệu của bản trước / it may take values away."
        ),
    ] = False,
    by: Annotated[str | None, typer.Option(help="Ai cho phép / who allows it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Vì sao / why.")] = None,
    password_fd: PasswordFd = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Đưa một tệp vào thư mục tệp đến, hoặc xem trước cách đọc tệp ấy / put a file into the inbox, or explain it."""
    import tempfile

    from pipelines.cli.show import load as show_load
    from pipelines.cli.show.review import show_taken
    from pipelines.files.header.aliases import HeaderAliases
    from pipelines.files.header.mapping_file import chosen_headers
    from pipelines.read import replacements, submit
    from pipelines.read.preview import preview, understood
    from pipelines.review import list_answers
    from pipelines.workspace import lock
    from pipelines.workspace.checksums import sha256

    chosen = settings(workspace, own_sectors=sectors)
    if not file.is_file():
        raise BadInput("no_such_file", f"Không có tệp «{file}» / no such file.")
    if not explain and list_answers.is_list(file):
        with lock.exclusive(chosen):
            show_taken([list_answers.take(chosen, file)], as_json=as_json)
        return
    possible = submit.sectors_of(chosen, sector, file, must_be_one=not explain)
    if not explain:
        if takes_away:
            name = by and who.proven(chosen, by, "replace_files", password_fd).name
            replacements.allow(chosen, possible[0].name, sha256(file), name, reason)
        placed = submit.submit(chosen, file, possible[0])
        show_counts("load", {"file": str(placed), "bytes": placed.stat().st_size}, as_json=as_json)
        return
    seen = []
    for described in possible:
        headers = chosen_headers(mapping or submit.mapping_of(chosen, described, file), described)
        with tempfile.TemporaryDirectory(prefix="sachsong-") as scratch:
            seen.append((preview(file, HeaderAliases(described, headers), Path(scratch), rows), described))
    sheets, described = max(seen, key=lambda each: understood(each[0]))
    show_load.show(sheets, described, guessed=len(possible) > 1, as_json=as_json)
    if any(sheet["refused"] for sheet in sheets):
        raise typer.Exit(2)
