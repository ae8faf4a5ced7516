"""Prints rules, proposals of changes and what they do."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.cli.language import told
from pipelines.cli.show.console import OUT, number, show_json, titled_table
from pipelines.cli.show.training import show_changed_links

if TYPE_CHECKING:
    from pipelines.audit.approved import Change
    from pipelines.review.changes import Proposal
    from pipelines.review.preview import Preview
    from rules.tables import Rule


def show_rules(
    rules: Sequence["Rule"],
    days: Mapping[str, str],
    changes: Sequence["Change"],
    proposals: Sequence["Proposal"],
    *,
    in_full: bool,
    as_json: bool,
) -> None:
    """Prints the rules, with their examples if asked for; then changes that nobody has approved, open proposals."""
    if as_json:
        show_json(
            {
                "rules": [rule.model_dump(mode="json") | {"in_force_since": days.get(_name(rule))} for rule in rules],
                "unapproved": [each._asdict() for each in changes],
                "proposals": [vars(each) for each in proposals],
            }
        )
        return
    for rule in rules:
        law = f"{rule.since:%Y-%m-%d}" if rule.since else "—"
        here = told("dùng từ / in use since")
        OUT.print(f"{rule.id}  since {law}, {here} {days.get(_name(rule), '—')}  {rule.source}", markup=False)
        if in_full:
            for name, examples in (("good", rule.good), ("bad", rule.bad)):
                for example in examples:
                    OUT.print(f"  {name}: {json.dumps(example, ensure_ascii=False, default=str)}", markup=False)
    for change in changes:
        OUT.print(f"✗ {change.name}: {told('chưa phê duyệt / not approved')} ({change.verb})", markup=False)
    show_proposals([each for each in proposals if each.waits], as_json=False)


def _name(rule: "Rule") -> str:
    return f"rules/{rule.family}.toml {rule.id}"


def show_proposals(proposals: Sequence["Proposal"], *, as_json: bool) -> None:
    """Prints proposals, and what became of them."""
    if as_json:
        show_json([vars(each) for each in proposals])
        return
    for each in proposals:
        what = ", ".join(each.changes) or json.dumps(each.order, ensure_ascii=False, sort_keys=True)
        state = (
            told("đã phê duyệt / approved") + f": {each.approved_by}"
            if each.approved_by
            else told("đã bác / refused") + f": {each.refused_by}"
            if each.refused_by
            else told("chờ phê duyệt / waits for approval") + f": sachsong rules approve {each.number} --by …"
        )
        OUT.print(f"{each.number}  {each.by}, {each.at}: {what}\n  {each.reason}\n  {state}", markup=False)
        if each.order and each.waits:
            kind, detail = each.order["kind"], each.order["detail"]
            tried = f" --{kind} {detail[kind]}" if kind in ("cap", "policy") else ""
            OUT.print(f"  {told('xem trước / preview')}: sachsong queue simulate{tried}", markup=False)


def show_preview(preview: "Preview", *, as_json: bool) -> None:
    """Prints what changes do to the last nights' records."""
    if as_json:
        rules = [vars(each) for each in preview.rules]
        values = [vars(each) for each in preview.values]
        show_json({"rules": rules, "links": preview.links, "values": values, "untried": list(preview.untried)})
        return
    table = titled_table(
        told("Quy tắc trên các đêm gần nhất / rules on the last nights"),
        told("Lượt / run"), told("Quy tắc / rule"), told("Ngành / sector"), told("Trước / before"),
        told("Sau / after"), told("Mới sai / newly"), told("Hết sai / no longer"),
    )  # fmt: skip
    for each in preview.rules:
        counts = (each.before, each.after, each.newly, each.no_longer)
        table.add_row(each.run_id, each.rule, each.sector, *map(number, counts))
    if preview.rules:
        OUT.print(table)
    show_changed_links(told("Mô hình trên đêm gần nhất / the model on the last night"), preview.links)
    for value in preview.values:
        here = told("hồ sơ có giá trị khác / records with another value")
        OUT.print(f"{value.run_id}  {value.sector} {value.column}: {number(value.records)} {here}", markup=False)
    if preview.untried:
        how = told("chỉ một đêm chạy thử mới cho thấy / only a night on a copy of the workspace shows what they do")
        OUT.print(f"{', '.join(preview.untried)}: {how}.", markup=False)
    if not (preview.rules or preview.links or preview.values or preview.untried):
        OUT.print(f"{told('Không hồ sơ nào khác đi / no record is told otherwise')}.", markup=False)
