"""`sachsong audit log | head | proof | key | sign | signatures`: the audit log, its heads, and who signs a night."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.help import Verbs
from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show import audit_log as show
from pipelines.cli.who import PasswordFd

key = Verbs(help="Khóa ký đầu nhật ký / the key that signs heads of the log.")


def log(
    workspace: Workspace = DEFAULT_WORKSPACE,
    kind: Annotated[list[str] | None, typer.Option(help="Chỉ loại này, có thể lặp / only this kind.")] = None,
    last: Annotated[int, typer.Option(min=1, help="Số mục cuối / how many of the last.")] = 20,
    as_json: Json = False,
) -> None:
    """Các mục cuối của nhật ký kiểm toán / the last entries of the audit log."""
    from pipelines.audit import log_entries

    show.show_entries(log_entries.last_entries(settings_of(workspace), kind or (), last), as_json=as_json)


def head(
    workspace: Workspace = DEFAULT_WORKSPACE,
    out: Annotated[Path | None, typer.Option(help="Ghi vào tệp này, để giữ ở nơi khác / to be kept elsewhere.")] = None,
    as_json: Json = False,
) -> None:
    """Đầu nhật ký lúc này: số mục, gốc cây, chữ ký / the log's head now: size, root, signature."""
    from pipelines.audit import log_entries

    show.show_head(log_entries.current_head(settings_of(workspace), out), as_json=as_json)


def proof(
    entry: Annotated[int, typer.Argument(min=1, help="Số của mục / the entry's number.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Chứng minh một mục nằm trong nhật ký, theo RFC 6962 / that an entry is in the log, by RFC 6962."""
    from pipelines.audit import log_entries

    show.show_proof(log_entries.proof(settings_of(workspace), entry), as_json=as_json)


@key.command("make")
def key_make(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Tạo khóa ký, ngoài thư mục làm việc; chỉ chủ tệp đọc được / make the signing key, outside the workspace."""
    from pipelines.workspace import tree_heads

    file = settings_of(workspace).signing_key_file
    show.show_key(str(file), tree_heads.make_key(file), as_json=as_json)


@key.command("show")
def key_show(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Khóa công khai của máy này / this machine's public key."""
    from pipelines.workspace import tree_heads

    file = settings_of(workspace).signing_key_file
    show.show_key(str(file), tree_heads.public_key(file), as_json=as_json)


def sign(
    run_id: Annotated[str, typer.Argument(help="Lượt chạy, ví dụ 2026-11-22-1 / the run.")],
    by: Annotated[str, typer.Option(help="Ai ký / who signs.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    listed: Annotated[
        str | None, typer.Option("--list", help="Chỉ danh sách này, ví dụ students-79 / only this list.")
    ] = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Ký xác nhận một đêm hoặc danh sách của một ngành; cần hai người / sign a night or a list; two persons."""
    from pipelines.audit import sign_off

    settings = settings_of(workspace)
    act, of = ("sign_list", f"{run_id}/{listed}") if listed else ("sign_night", run_id)
    name, role = who.proven(settings, by, act, password_fd, of)
    show.show_signed([sign_off.sign(settings, run_id, name, listed, role=role)], as_json=as_json)


def signatures(
    run_id: Annotated[str | None, typer.Argument(help="Lượt chạy, mặc định tất cả / default all.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Ai đã ký, chữ ký nào còn hiệu lực / who has signed, and which signatures still hold."""
    from pipelines.audit import sign_off

    show.show_signed(sign_off.signatures(settings_of(workspace), run_id), as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Adds the verbs of this file to the group `audit`."""
    for verb in (log, head, proof, sign, signatures):
        app.command()(verb)
    app.add_typer(key, name="key")
