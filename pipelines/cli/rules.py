"""`sachsong rules list | propose | preview | approve`: rules as they are, and how a change of them comes into force."""

from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.help import Verbs
from pipelines.cli.options import DEFAULT_WORKSPACE, Json, OwnSectors, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show import rules as show
from pipelines.cli.who import PasswordFd
from pipelines.errors import BadInput

app = Verbs(help="Quy tắc, mô hình và việc duyệt thay đổi / rules, model, and the approval of changes.")

Reason = Annotated[str, typer.Option(help="Vì sao; được lưu lại mãi / why; kept for good.")]


@app.command("list")
def rules_list(
    rule: Annotated[str | None, typer.Argument(help="Mã quy tắc, để xem ví dụ / a rule's id: its examples.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Các quy tắc với ngày hiệu lực, nguồn, ví dụ; thay đổi và đề xuất / rules: since, source, examples; changes."""
    from pipelines.audit import approved
    from pipelines.review import changes

    rules = [each for each in approved.sound_tables().rules if rule in (None, each.id)]
    if not rules:
        raise BadInput("no_rule", f"Không có quy tắc «{rule}» / no such rule.")
    settings = settings_of(workspace, own_sectors=sectors)
    show.show_rules(
        rules,
        changes.in_force_since(settings),
        changes.pending(settings),
        changes.proposals(settings),
        in_full=rule is not None,
        as_json=as_json,
    )


@app.command()
def propose(
    by: Annotated[str, typer.Option(help="Ai đề xuất / who proposes.")],
    reason: Reason,
    password_fd: PasswordFd = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Đề xuất mọi thay đổi chưa duyệt của quy tắc, mô hình, thiết lập / propose what differs from what was approved."""
    from pipelines.review import changes

    settings = settings_of(workspace, own_sectors=sectors)
    name, role = who.proven(settings, by, "propose", password_fd)
    show.show_proposals([changes.propose(settings, name, reason, role=role)], as_json=as_json)


@app.command()
def preview(
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    nights: Annotated[int, typer.Option(min=1, max=60, help="Số đêm gần nhất / how many nights.")] = 7,
    as_json: Json = False,
) -> None:
    """Thay đổi chưa duyệt làm gì với hồ sơ các đêm gần nhất / what the changes do to the last nights' records."""
    from pipelines.review import changes
    from pipelines.review import preview as previews
    from pipelines.workspace import lock

    settings = settings_of(workspace, own_sectors=sectors)
    with lock.exclusive(settings):
        show.show_preview(previews.preview(settings, changes.pending(settings), nights), as_json=as_json)


@app.command()
def approve(
    number: Annotated[int, typer.Argument(min=1, help="Số của đề xuất / the proposal's number.")],
    by: Annotated[str, typer.Option(help="Ai duyệt / who approves.")],
    reason: Annotated[str, typer.Option(help="Ghi chú / a note.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Không duyệt / refuse it.")] = False,
    password_fd: PasswordFd = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Duyệt (hoặc bác) một đề xuất; khi cần hai người, người đề xuất không tự duyệt / approve or refuse a proposal."""
    from pipelines.review import changes

    settings = settings_of(workspace, own_sectors=sectors)
    name, role = who.proven(settings, by, "approve", password_fd)
    done = changes.approve(settings, number, name, reason, refuse=refuse, role=role)
    show.show_proposals([done], as_json=as_json)
