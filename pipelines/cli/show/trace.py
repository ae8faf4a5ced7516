"""Prints a record's way, step by step."""

from collections.abc import Iterable, Sequence

from pipelines.cli.language import say
from pipelines.cli.show.console import OUT, show_json, titled_table
from pipelines.review.trace.model import Question, Rejected, Trace

NOTHING = "—"


def show(traces: Sequence[Trace | Rejected], *, as_json: bool) -> None:
    """Prints each record's way, one below the other."""
    if as_json:
        show_json([each.model_dump() for each in traces])
        return
    for each in traces:
        _show_rejected(each) if isinstance(each, Rejected) else _show(each)


def _show_rejected(row: Rejected) -> None:
    place = f"{row.sector}/{row.source_file} {row.sheet}".strip()
    OUT.print(
        f"{place} · {say('dòng', 'row')} {row.source_row}: {say('bị loại', 'rejected')} · {row.message}", markup=False
    )


def _show(trace: Trace) -> None:
    from pipelines.review.trace.words import DECISIONS, STATES, WHO

    origin = trace.origin
    _step(say("Từ dòng nào", "Where it came from"))
    sheet = f" · {origin.sheet}" if origin.sheet else ""
    _line(f"{origin.record_id} · {origin.run_id}")
    _line(f"{origin.sector}/{origin.source_file}{sheet} · {say('dòng', 'row')} {origin.source_row}")
    _line(f"{origin.arrived_as or NOTHING} · SHA-256 {origin.arrived_sha256 or NOTHING}")
    _step(say("Ô trong tệp → giá trị chuẩn hóa", "Cell → standardised value"))
    _cells(trace)
    _step(say("Quy tắc", "Rules"))
    for family, state in trace.card.items():
        _line(f"{family}: {say(*STATES[state])}")
    for rule in trace.rules:
        if rule.verdict == "fail":
            _line(f"✗ {rule.rule_id}: {say(rule.message_vi, rule.message_en)} ({rule.source})")
    counts = {name: sum(rule.verdict == name for rule in trace.rules) for name in ("pass", "fail", "not_applicable")}
    _line(" · ".join(f"{say(*STATES[name])} {count}" for name, count in counts.items()))
    _step(say("Đối chiếu với ai", "Candidates"))
    first = [] if trace.link.weight is None else [(trace.link.weight, trace.link.probability or 0.0)]
    others = [(each.weight, each.probability) for each in trace.link.others]
    for number, (weight, probability) in enumerate([*first, *others], 1):
        _line(f"{number}. {weight:+.2f} bit · {probability:.4f}")
    for step in trace.link.steps:
        _line(f"   {say(step.title_vi, step.title_en)}: {say(step.said_vi, step.said_en)} {step.bits:+.2f}")
    _step(say("Quyết định", "Decision"))
    decided = f"{say(*DECISIONS[trace.final_decision])} · {trace.link.status} · {say(*WHO[trace.decided_by])}"
    _line(f"{decided} · {trace.person or NOTHING}")
    _line(trace.link.reason)
    for word in trace.human:
        _line(
            f"{word.decision}. {word.verdict} {word.person or ''} · {word.decided_by}, {word.decided_at}: {word.reason}"
        )
    _step(say("Yêu cầu xác thực và trả lời", "Question and answer"))
    _lines(_question(trace.question) if trace.question else [say("Không có", "None")])
    _line(f"{say('Tình trạng cuối cùng', 'Final status')}: {trace.final_status}")
    _step(say("Đứng ở đâu trong báo cáo", "Where it stands"))
    _lines(f"{each.path}: {each.rows} · {say(each.said_vi, each.said_en)}" for each in trace.reports)
    OUT.print()


def _step(title: str) -> None:
    OUT.print(title, markup=False, style="bold")


def _line(text: str) -> None:
    OUT.print(f"  {text}", markup=False)


def _lines(texts: Iterable[str]) -> None:
    for text in texts:
        _line(text)


def _cells(trace: Trace) -> None:
    table = titled_table("", "Thông tin / field", "Tiêu đề / header", "Ô / cell", "Giá trị / value", "Đã sửa / repairs")
    for column in table.columns:
        column.justify = "left"
    for cell in trace.cells:
        value = (cell.value or NOTHING) + (f" ({cell.why_not})" if cell.why_not else "")
        title, repairs = say(cell.title_vi, cell.title_en), ", ".join(cell.repairs)
        table.add_row(title, cell.header or NOTHING, cell.text or NOTHING, value, repairs or NOTHING)
    OUT.print(table)


def _question(question: Question) -> list[str]:
    flags = " ".join(f"{field}={flag}" for field, flag in question.flags.items() if flag)
    days = [question.enqueued_on, question.asked_on, question.charged_on]
    words = say("vào hàng chờ, gửi, tính hạn mức", "queued, asked, charged")
    told = [
        f"{question.request_id} · {question.tenant}",
        f"{words}: {' · '.join(day or NOTHING for day in days)}",
        f"{question.state} · {question.result or NOTHING} {flags}",
    ]
    if question.places is not None:
        told.append(f"{say('lượt của đơn vị hôm đó', 'places of its tenant that day')}: {question.places}")
    return told
