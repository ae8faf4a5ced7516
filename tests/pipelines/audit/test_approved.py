"""What nobody has approved stops the night by its name; the first night's tables are the baseline."""

from pathlib import Path

import pytest

from pipelines.audit import approved
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import runs
from pipelines.workspace import audit_log, state
from tests.pipelines.sectors import small_table

RULE = "rules/correct.toml correct-id-format"


def as_if_approved(settings: Settings, **others: str) -> None:
    """The log says of these that something else was approved than what stands in the files."""
    names = {"rule": RULE, "model": "matching/weights.json", "cap": "daily_cap", "mode": "approval"}
    told = {names[name]: [None, value] for name, value in others.items()}
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "approval", {"changes": told, "approval": "two"}, "An")


def changed(settings: Settings) -> list[str]:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return [each.name for each in approved.changes(connection, settings)]


def test_the_first_night_is_the_baseline(settings: Settings) -> None:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        assert approved.approved(connection) is None
        assert approved.changes(connection, settings) == []
    runs.open_run(settings)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        known = approved.approved(connection)
        assert known == approved.in_force(settings)
        assert approved.since(connection)[RULE] == "2026-11-22"
    assert known is not None
    whole = {"rules/issues.toml", "matching/weights.json", "matching/blocking.toml"}
    sectors, values = {"pipelines/sectors/insurance.toml"}, {"vn/tables/communes.csv", "vn/tables/id_formats.toml"}
    assert {RULE, *whole, *sectors, *values, "daily_cap"} <= set(known)
    runs.open_run(settings)
    assert changed(settings) == []


def test_an_unapproved_change_stops_the_night_with_its_name(settings: Settings) -> None:
    runs.open_run(settings)
    as_if_approved(settings, rule="0" * 64, model="1" * 64)
    assert changed(settings) == ["matching/weights.json", RULE]
    with pytest.raises(
        BadInput, match=r"matching/weights\.json \(sửa/changed\); rules/correct\.toml correct-id-format"
    ):
        runs.open_run(settings)


def test_a_rule_that_is_gone_is_a_change(settings: Settings) -> None:
    runs.open_run(settings)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        told = {"rules/live.toml live-mild": [None, "0" * 64], RULE: ["", None]}
        audit_log.append(connection, "approval", {"changes": told}, "An")
    with pytest.raises(BadInput, match=r"correct-id-format \(thêm/added\); rules/live.toml live-mild \(bỏ/removed\)"):
        runs.open_run(settings)


def test_the_cap_needs_approval_where_two_are_needed(settings: Settings) -> None:
    runs.open_run(settings)
    more = settings.model_copy(update={"daily_cap": 300_000})
    assert changed(more) == []
    two = more.model_copy(update={"approval": "two"})
    assert changed(two) == ["daily_cap"], "that two are needed from now on is no weakening"
    as_if_approved(settings, mode="two")
    assert changed(settings) == ["approval"], "that one is enough from now on is"


def test_a_changed_table_of_a_sector_or_of_values_stops_the_night(settings: Settings) -> None:
    runs.open_run(settings)
    names = ["pipelines/sectors/insurance.toml", "vn/tables/surnames.csv"]
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        told = {name: [None, "0" * 64] for name in names}
        audit_log.append(connection, "approval", {"changes": told, "approval": "single"}, "An")
    assert changed(settings) == names
    with pytest.raises(BadInput, match=r"insurance\.toml \(sửa/changed\); vn/tables/surnames\.csv \(sửa/changed\)"):
        runs.open_run(settings)


def test_ones_own_sector_is_read_at_once_and_waits_where_two_are_needed(settings: Settings) -> None:
    two = settings.model_copy(update={"approval": "two"})
    runs.open_run(two)
    folder = settings.workspace / "sectors"
    folder.mkdir()
    (folder / "club.toml").write_text(small_table.TABLE, encoding="utf-8")
    with pytest.raises(BadInput, match=r"sectors/club\.toml \(thêm/added\)"):
        runs.open_run(two)
    as_if_approved(settings, mode="single")
    assert changed(settings) == []
    runs.open_run(settings)


def test_ill_formed_tables_are_refused_together_with_their_places(tmp_path: Path) -> None:
    from rules import tables
    from rules.errors import TableError

    for path in tables.DIRECTORY.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("correct", "live"):
        text = (tmp_path / f"{name}.toml").read_text("utf-8")
        (tmp_path / f"{name}.toml").write_text(text.replace("source = ", "sauce = ", 1), encoding="utf-8")
    with pytest.raises(TableError) as wrong:
        tables.load(tmp_path)
    assert [fault.partition(":")[0] for fault in wrong.value.faults[:2]] == ["correct.toml", "correct.toml"]
    assert "correct.toml:4 correct-id-format: source: Field required" in wrong.value.faults
    assert any(fault.startswith("live.toml:") for fault in wrong.value.faults)
