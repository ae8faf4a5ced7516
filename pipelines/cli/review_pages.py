"""`sachsong review`: the pages on which people decide, and `sachsong review user`: their accounts."""

import getpass
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli.help import Verbs
from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.output_stream import end_with_terminal
from pipelines.cli.show.counts import show_counts
from pipelines.cli.show.review import show_accounts, show_password
from pipelines.errors import BadInput

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Role(StrEnum):
    """What a person is here for."""

    officer = "officer"
    reviewer = "reviewer"
    second = "second"
    auditor = "auditor"
    administrator = "administrator"


app = Verbs(help="Trang xác minh hồ sơ / the review pages.", invoke_without_command=True, no_args_is_help=False)
user = Verbs(help="Tài khoản của trang xác minh / accounts of the review pages.")
app.add_typer(user, name="user")

Name = Annotated[str, typer.Argument(help="Tên tài khoản / the account's name.")]


@app.callback()
def serve(
    context: typer.Context,
    workspace: Workspace = DEFAULT_WORKSPACE,
    host: Annotated[
        str, typer.Option(envvar="SACHSONG_REVIEW_HOST", help="Địa chỉ máy / the address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: cổng trống bất kỳ / any free one.")] = 8_307,
    public_url: Annotated[
        str | None,
        typer.Option(
            envvar="SACHSONG_REVIEW_URL",
            help="Địa chỉ https mà trình duyệt dùng, khi có máy trung gian phía trước / the URL behind a proxy.",
        ),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            envvar="SACHSONG_REVIEW_PROXY", help="IP của máy trung gian được tin / the proxy whose headers count."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Mở trang xác minh hồ sơ trên máy này / serve the review pages on this machine."""
    if context.invoked_subcommand is not None:
        return
    from pipelines.review.desk import Desk
    from pipelines.review.web import app as web
    from pipelines.workspace import state

    _require_https(host, public_url)
    end_with_terminal()
    settings = settings_of(workspace)
    state.require_workspace(settings)
    with state.opened(settings) as engine:
        desk = Desk(settings, engine)
        run_id = desk.opened().run.run_id
        listening = web.bound(host, port)
        number = listening.getsockname()[1]
        origins = [public_url.rstrip("/")] if public_url else [f"http://{each}:{number}" for each in LOOPBACK[:2]]
        show_counts("review", {"url": origins[0], "run": run_id}, as_json=as_json)
        web.server(web.application(desk, origins), proxy).run(sockets=[listening])


@user.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="Vai trò / the role.")],
    tenant: Annotated[
        list[str] | None, typer.Option(help="Đơn vị của người xác minh: students-79, students-* / a reviewer's tenant.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Ai tạo, mặc định tên đăng nhập máy / who makes it, default the login.")
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Thêm tài khoản, in mật khẩu một lần / a new account; its password is printed once."""
    from pipelines.review import people
    from pipelines.workspace import audit_log, state

    maker = by or getpass.getuser()
    with state.opened(settings_of(workspace)) as engine, state.transaction(engine) as connection:
        password = people.add(connection, name, people.Role(role.value), tenant or [], maker)
        details = {"act": "add", "name": name, "role": role.value, "tenants": tenant or []}
        audit_log.append(connection, "account", details, maker)
    show_password(name, password, as_json=as_json)


@user.command("list")
def list_users(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Mọi tài khoản / all accounts."""
    from pipelines.review import people
    from pipelines.workspace import state

    settings = settings_of(workspace)
    state.require_workspace(settings)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        every = people.every(connection)
    show_accounts(every, as_json=as_json)


@user.command()
def disable(
    name: Name,
    by: Annotated[str | None, typer.Option(help="Ai khóa / who does it.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Khóa tài khoản và mọi phiên của nó / close an account and end its sessions."""
    from pipelines.review import people
    from pipelines.workspace import audit_log, state

    with state.opened(settings_of(workspace)) as engine, state.transaction(engine) as connection:
        people.disable(connection, name)
        audit_log.append(connection, "account", {"act": "disable", "name": name}, by or getpass.getuser())


@user.command()
def password(
    name: Name,
    by: Annotated[str | None, typer.Option(help="Ai đặt lại / who does it.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Mật khẩu mới cho tài khoản, in một lần / a new password, printed once."""
    from pipelines.review import people
    from pipelines.workspace import audit_log, state

    with state.opened(settings_of(workspace)) as engine, state.transaction(engine) as connection:
        made = people.reset_password(connection, name)
        audit_log.append(connection, "account", {"act": "reset", "name": name}, by or getpass.getuser())
    show_password(name, made, as_json=as_json)


@user.command("second-factor-off")
def second_factor_off(
    name: Name,
    by: Annotated[str | None, typer.Option(help="Ai bỏ / who does it.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Bỏ xác thực hai lớp của ai mất điện thoại / take away the second factor of somebody who lost the phone."""
    from pipelines.review import second_factor
    from pipelines.workspace import audit_log, state

    with state.opened(settings_of(workspace)) as engine, state.transaction(engine) as connection:
        second_factor.remove(connection, name)
        told = {"act": "second_factor_off", "name": name}
        audit_log.append(connection, "account", told, by or getpass.getuser())


def _require_https(host: str, public_url: str | None) -> None:
    """Errors: BadInput if passwords would cross a network in the clear."""
    if public_url is not None and not public_url.startswith("https://"):
        raise BadInput("bad_url", "--public-url phải bắt đầu bằng https:// / must begin with https://.")
    if host not in LOOPBACK and public_url is None:
        raise BadInput(
            "not_loopback",
            "Ngoài máy này chỉ phục vụ sau một máy trung gian có HTTPS: thêm --public-url https://TÊN_MÁY / beyond "
            "this machine only behind a proxy with HTTPS: name its --public-url.",
        )
