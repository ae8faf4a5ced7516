"""`sachsong corrections`: departments' own files with approved corrections filled in."""

from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.help import Verbs
from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.who import PasswordFd

app = Verbs(help="Tệp của ngành đã điền sửa đổi được duyệt / departments' files with approved corrections.")

Sector = Annotated[str | None, typer.Option(help="Chỉ ngành này / only this sector.")]
File = Annotated[str | None, typer.Option(help="Chỉ tệp này / only this file.")]


@app.command("list")
def list_(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Số ô đề xuất sửa của từng tệp, và ai đã duyệt / what is proposed for each file, and who approved it."""
    from pipelines.cli.show.corrections import show_files
    from pipelines.review.corrections import approve as approving

    show_files(approving.files(settings_of(workspace)), as_json=as_json)


@app.command()
def approve(
    workspace: Workspace = DEFAULT_WORKSPACE,
    by: Annotated[str, typer.Option(help="Ai duyệt / who approves.")] = "",
    because: Annotated[str, typer.Option(help="Căn cứ / on what ground.")] = "",
    sector: Sector = None,
    file: File = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Duyệt các sửa đổi được đề xuất; tên người duyệt vào nhật ký / approve corrections; the log keeps who did."""
    from pipelines.cli.show.corrections import show_files
    from pipelines.review.corrections import approve as approving
    from pipelines.workspace import lock

    settings = settings_of(workspace)
    name, role = who.proven(settings, by, "approve_corrections", password_fd)
    with lock.exclusive(settings):
        show_files(approving.approve(settings, name, because, sector, file, role=role), as_json=as_json)


@app.command()
def write(
    workspace: Workspace = DEFAULT_WORKSPACE, sector: Sector = None, file: File = None, as_json: Json = False
) -> None:
    """Ghi bản sao đã sửa và danh sách thay đổi của các tệp đã duyệt / write corrected copies and their changes."""
    from pipelines.cli.show.corrections import show_written
    from pipelines.review.corrections import write as writing
    from pipelines.workspace import lock

    settings = settings_of(workspace)
    with lock.exclusive(settings):
        show_written(writing.write(settings, sector, file), as_json=as_json)
