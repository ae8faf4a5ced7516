"""`sachsong explain | decide | answers | train`: why a record was linked, what humans decide, and what that teaches."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.options import DEFAULT_WORKSPACE, File, Json, OfRun, RecordId, Row, Sheet, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show.review import show_decisions
from pipelines.cli.who import PasswordFd
from pipelines.errors import BadInput


class Verdict(StrEnum):
    """A human's verdict about a record."""

    same = "same"
    different = "different"
    nobody = "nobody"
    revoked = "revoked"


def explain(
    record_id: RecordId = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: OfRun = None,
    file: File = None,
    row: Row = None,
    sheet: Sheet = None,
    svg: Annotated[Path | None, typer.Option(help="Vẽ vào tệp này / draw it into this file.")] = None,
    as_json: Json = False,
) -> None:
    """Vì sao một hồ sơ được liên kết, chờ xác minh hay không tìm thấy / why a record was linked or not."""
    from pipelines.cli.show import explanation as show_explanation
    from pipelines.review import explain as explanations

    wanted = explanations.Wanted(record_id=record_id, file=file, row=row, sheet=sheet)
    found = explanations.explain(settings_of(workspace), wanted, run_id)
    if svg:
        explanations.draw(found, svg)
    show_explanation.show(found, as_json=as_json)


def decide(
    record_id: Annotated[str | None, typer.Argument(help="Mã hồ sơ trong links.parquet / record_id.")] = None,
    verdict: Annotated[
        Verdict | None,
        typer.Argument(
            help="Là người này, không phải người này, không phải ai, rút lại / same, different, nobody, revoked."
        ),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    person: Annotated[
        str | None, typer.Option(help="Số định danh; mặc định người đã gắn với hồ sơ / default: the person proposed.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Ai quyết định / who decides.")] = None,
    because: Annotated[str | None, typer.Option(help="Căn cứ / on what ground.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV: record_id,verdict,person_id,by,because; ghi tất cả hoặc không / many.")
    ] = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Ghi quyết định của cán bộ về một hồ sơ, có hiệu lực từ đêm sau / a human's word about a record."""
    from pipelines.review import decide as deciding
    from pipelines.workspace import lock

    if file is not None:
        words = deciding.read_verdicts(file)
    elif record_id and verdict and by and because:
        words = [
            deciding.HumanVerdict(record_id=record_id, verdict=verdict.value, person_id=person, by=by, because=because)
        ]
    else:
        raise BadInput(
            "who_decides",
            "Cần: sachsong decide MÃ_HỒ_SƠ same|different|nobody|revoked --by TÊN --because CĂN_CỨ, hoặc --file "
            "/ a record, a verdict, who and why are needed.",
        )
    settings = settings_of(workspace)
    words = deciding.in_name_of(words, partial(who.proven, settings, act="decide_everywhere", descriptor=password_fd))
    with lock.exclusive(settings):
        kept = deciding.decide(settings, words)
    show_decisions(kept, as_json=as_json)


def answers(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Danh sách đã điền; mặc định mọi danh sách trong thư mục tệp đến / lists; default: of the inbox."
        ),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Nhận câu trả lời trong các danh sách đã điền, có hiệu lực từ đêm sau / take the answers of filled-in lists."""
    from pipelines.cli.show.review import show_taken
    from pipelines.review import list_answers
    from pipelines.workspace import lock

    settings = settings_of(workspace)
    with lock.exclusive(settings):
        taken = [list_answers.take(settings, each) for each in files] if files else list_answers.take_inbox(settings)
    show_taken(taken, as_json=as_json)


def train(
    workspace: Workspace = DEFAULT_WORKSPACE,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Liên kết thử đêm gần nhất / link the last night with it, to see the effect."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Ghi weights.json đề xuất, cần --preview / write it; with --preview only.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Quyết định của cán bộ thay đổi mô hình thế nào, trước khi áp dụng / what decisions teach the model."""
    from pipelines.cli.show.training import show_trained
    from pipelines.review import training
    from pipelines.workspace import lock

    if out and not preview:
        raise BadInput("preview_first", "Cần xem trước bằng --preview / look at the effect first: add --preview.")
    settings = settings_of(workspace)
    with lock.exclusive(settings):
        found = training.train(settings, effects=preview)
    if out:
        training.write(found, out)
    show_trained(found, out, as_json=as_json)
