"""Prints an explanation: the record with its differences marked, the waterfall, the rules that decided."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from matching.explanation.model import Explanation, Step, Value
from matching.explanation.words import bits
from pipelines.cli.language import is_english, say, told
from pipelines.cli.show.console import OUT, show_json, titled_table

BAR = 18
"""Characters on each side of the middle."""

FOR, AGAINST = "green", "red"
SIGNS = {True: "✓", False: "✗", None: "•"}
DECISIONS = {"link": "liên kết / linked", "review": "chờ xác minh / review", "none": "không liên kết / not linked"}
GAP = "␣"
"""Sign in place of a syllable or digit that the record lacks."""


def show(explanations: Sequence[Explanation], *, as_json: bool) -> None:
    """Prints each record's explanation, one below the other."""
    if as_json:
        show_json([each.model_dump() for each in explanations])
        return
    for each in explanations:
        _show(each)


def _show(explained: Explanation) -> None:
    from rules import tables

    status = tables.statuses()[explained.status]
    place = " · ".join(
        part
        for part in (
            f"{explained.sector}/{explained.source_file}",
            explained.sheet,
            f"{say('dòng', 'row')} {explained.source_row}",
        )
        if part
    )
    OUT.print(Text(f"{explained.record_id}", style="bold"), Text(place))
    OUT.print(
        f"{told(DECISIONS[explained.decision])} · {say(status.label_vi, status.label_en)}", markup=False, style="bold"
    )
    if not is_english():  # which has the sentences below
        OUT.print(explained.reason, markup=False)
    OUT.print(_values(explained.values))
    if explained.steps:
        OUT.print(_waterfall(explained))
    for sentence in explained.sentences:
        OUT.print(f"{SIGNS[sentence.holds]} {say(sentence.vi, sentence.en)}", markup=False)
    OUT.print()


def _values(values: Sequence[Value]) -> Table:
    table = titled_table(
        "Hồ sơ, chỗ khác nhau được đánh dấu [ ] / the record, differences marked",
        "Thông tin / field",
        "Ghi / written",
        "Khác / differs",
    )
    for column in table.columns:
        column.justify = "left"
    for value in values:
        if value.pieces:
            differs = say("; ".join(value.differs_vi), ", ".join(value.differs_en))
            table.add_row(say(value.title_vi, value.title_en), written(value), differs)
    return table


def written(value: Value) -> Text:
    """The record's value with its differences in brackets and red: readable without colour too."""
    text = Text()
    for number, (marked, piece) in enumerate(_runs(value)):
        if number:
            text.append(value.separator)
        text.append(f"[{piece}]" if marked else piece, style=f"bold {AGAINST}" if marked else "")
    return text


def _runs(value: Value) -> list[tuple[bool, str]]:
    """The pieces; of numbers, neighbours that are marked alike are one."""
    runs: list[tuple[bool, str]] = []
    for piece in value.pieces:
        marked, text = piece.kind != "same", piece.text or GAP
        if not value.separator and runs and runs[-1][0] == marked:
            runs[-1] = (marked, runs[-1][1] + text)
        else:
            runs.append((marked, text))
    return runs


def _waterfall(explained: Explanation) -> Table:
    table = titled_table(
        "Mức đóng góp của từng thông tin, bit / weight of each field, log2",
        "Thông tin / field",
        "So sánh / comparison",
        "Bit",
        "− │ +",
        "Cộng dồn / total",
    )
    table.columns[1].justify = "left"
    longest = max(abs(step.bits) for step in explained.steps) or 1.0
    for step in explained.steps:
        said = say(step.said_vi, step.said_en)
        table.add_row(say(step.title_vi, step.title_en), said, bits(step.bits), _bar(step, longest), bits(step.total))
    return table


def _bar(step: Step, longest: float) -> Text:
    """Left of the middle what speaks against, right what speaks for."""
    length = round(BAR * abs(step.bits) / longest)
    left, right = (" " * BAR, "█" * length) if step.bits >= 0 else (("█" * length).rjust(BAR), "")
    return Text.assemble((left, AGAINST), "│", (right.ljust(BAR), FOR))
