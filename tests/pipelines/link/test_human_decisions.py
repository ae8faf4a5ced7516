"""Human decisions: the last word holds until the record or the person changes; all words are kept."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from pipelines.config import TIME_ZONE, Run, Settings
from pipelines.errors import BadInput
from pipelines.link import hop as link
from pipelines.link import human_decisions
from pipelines.night import runs
from pipelines.registry import load as registry
from pipelines.registry import snapshot
from pipelines.review import decide
from pipelines.workspace import run_schema, run_tables, state, state_tables
from tests.matching.tables import core, record

PEOPLE = """person_id,full_name,date_of_birth,sex,province
001200000001,Nguyễn Minh An,2000-05-06,Nam,01
001200000002,Nguyễn Minh Ân,2000-05-06,Nam,01
079190123456,Trần Thị Bình,1990-07-12,Nữ,79
"""
AN, TWIN, BINH = "001200000001", "001200000002", "079190123456"
EITHER = record("Nguyen Minh An", "2000-05-06", "Nam", None)
STRANGER = record("Phạm Quốc Khánh", "1999-09-02", "Nam", "038099000777")
AT = datetime(2026, 11, 22, 9, tzinfo=TIME_ZONE)


class Nights:
    """A workspace whose hop `link` runs night after night."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings = Settings(workspace=folder, threads=2, memory_mb=512)
        self.run = Run(settings=self.settings, run_id="2026-11-22-1")
        monkeypatch.setattr(runs, "last_run", lambda _settings: self.run)
        monkeypatch.setattr(runs, "tables_of", run_tables.connect)
        self.load(PEOPLE)

    def load(self, people: str) -> None:
        file = self.settings.workspace / "registry.csv"
        file.write_text(people, encoding="utf-8")
        registry.load(self.settings, file, replace=True)

    def link(self, *rows: dict[str, object]) -> dict[str, int]:
        with run_tables.connect(self.run) as connection:
            for sector in ("insurance", "students", "vaccination"):
                table = core(list(rows)) if sector == "students" else core([])
                run_tables.replace_table(connection, run_schema.core_table(sector), table)
        return link.link(self.run)

    def links(self) -> list[dict[str, object]]:
        with run_tables.connect(self.run) as connection:
            return run_tables.read_table(connection, run_schema.LINKS, "record_id").to_dicts()

    def say(
        self, verdict: human_decisions.Verdict, person: str | None = None, record_id: str = "r0000", by: str = "Lan"
    ) -> None:
        word = decide.HumanVerdict(record_id=record_id, verdict=verdict, person_id=person, by=by, because="hộ khẩu")
        decide.decide(self.settings, [word], AT)


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    made = Nights(tmp_path, monkeypatch)
    made.link(EITHER, STRANGER)
    return made


def persons(nights: Nights) -> list[object]:
    return [each["person_id"] if each["decision"] == "link" else None for each in nights.links()]


def test_a_decision_wins_and_survives_nights(nights: Nights) -> None:
    assert persons(nights) == [None, None]
    nights.say("same", TWIN)
    for _ in range(2):
        counts = nights.link(EITHER, STRANGER)
        assert (counts["told"], counts["lapsed"]) == (1, 0)
        assert persons(nights) == [TWIN, None]
    assert nights.link(STRANGER, EITHER)["told"] == 1, "it is about what the record says, not where it stands"
    assert persons(nights) == [None, TWIN]
    link.forget(nights.settings)
    nights.link(EITHER, STRANGER)
    assert persons(nights) == [TWIN, None]


def test_it_lapses_when_the_record_changes(nights: Nights) -> None:
    nights.say("same", TWIN)
    counts = nights.link({**EITHER, "sex": "Nữ"}, STRANGER)
    assert (counts["told"], counts["lapsed"]) == (0, 1)
    assert persons(nights) == [None, None]
    assert nights.link(EITHER)["lapsed"] == 0, "the record is again what the human saw"


@pytest.mark.parametrize(
    ("people", "lapsed"),
    [
        (PEOPLE.replace("Nguyễn Minh Ân,2000-05-06", "Nguyễn Minh Ân,2000-05-07"), 1),
        (PEOPLE.replace("001200000002,Nguyễn Minh Ân,2000-05-06,Nam,01\n", ""), 1),
        (PEOPLE.replace("Trần Thị Bình", "Trần Thị Bích"), 0),
        (PEOPLE.replace("province", "province,updated_at").replace("Nam,01", "Nam,01,2026-11-20"), 0),
    ],
    ids=["the person changed", "the person is gone", "another changed", "only the date of updating"],
)
def test_it_lapses_when_the_person_changes(nights: Nights, people: str, lapsed: int) -> None:
    nights.say("same", TWIN)
    nights.load(people)
    counts = nights.link(EITHER, STRANGER)
    assert (counts["lapsed"], counts["told"]) == (lapsed, 1 - lapsed)


def test_the_last_word_wins_and_all_are_kept(nights: Nights) -> None:
    nights.say("same", TWIN, by="Lan")
    nights.say("same", AN, by="Minh")
    nights.link(EITHER)
    assert persons(nights) == [AN]
    nights.say("nobody")
    nights.link(EITHER)
    assert nights.links()[0]["decision"] == "none"
    with state.opened(nights.settings) as engine, state.reading(engine) as connection:
        columns = state_tables.decisions.c
        told = connection.execute(select(columns.decided_by, columns.verdict, columns.reason, columns.decided_at)).all()
    assert [tuple(row[:2]) for row in told] == [("Lan", "same"), ("Minh", "same"), ("Lan", "nobody")]
    assert {tuple(row[2:]) for row in told} == {("hộ khẩu", "2026-11-22T09:00:00+07:00")}


WORDS = [
    (["same A", "different A"], ["different A"], "taken back by its contrary"),
    (["different A", "same A"], ["same A"], "and the other way round"),
    (["different A", "different B"], ["different A", "different B"], "both are ruled out"),
    (["same A", "different B"], ["same A", "different B"], "no contradiction"),
    (["same A", "same B", "different B"], ["different B"], "the first is not revived"),
    (["nobody", "same A"], ["same A"], "the last claim"),
    (["same A", "nobody"], ["nobody"], "the last claim"),
    (["same A", "revoked"], [], "revoked"),
    (["same A", "revoked", "nobody"], ["nobody"], "what follows holds"),
    (["nobody", "nobody"], ["nobody"], "said twice"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "left", "why"), WORDS, ids=[each[2] for each in WORDS])
def test_which_words_hold(tmp_path: Path, said: list[str], left: list[str], why: str) -> None:
    settings = Settings(workspace=tmp_path)
    words = [each.partition(" ")[::2] for each in said]
    kept = [
        human_decisions.Decision(
            sector=sector, content="c", verdict=verdict, person_id=person or None,
            decided_by="L", decided_at=AT, reason="r",
        )
        for sector in ("students", "insurance")
        for verdict, person in words
    ]  # fmt: skip
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        human_decisions.record(connection, kept)
    held = human_decisions.in_force(settings)
    for sector in ("students", "insurance"):
        rows = held.filter(pl.col("sector") == sector).select("verdict", "person_id").rows()
        assert [f"{verdict} {person or ''}".strip() for verdict, person in rows] == left, why


def test_revoked_is_as_never_said(nights: Nights) -> None:
    nights.say("nobody", record_id="r0000")
    nights.say("revoked")
    assert nights.link(EITHER, STRANGER)["told"] == 0


def test_one_content_twice_in_a_file(nights: Nights) -> None:
    nights.say("same", TWIN)
    assert nights.link(EITHER, EITHER)["told"] == 2
    assert nights.links()[0]["person_id"] == TWIN
    assert nights.links()[0]["status"] == "duplicate"


def test_without_a_person_the_proposed_one_is_meant(nights: Nights) -> None:
    proposed = nights.links()[0]["person_id"]
    nights.say("same")
    nights.link(EITHER)
    assert persons(nights) == [proposed]


@pytest.mark.parametrize(
    ("verdict", "person", "record_id", "told"),
    [
        ("same", None, "r0001", "--person"),
        ("same", "001200000099", "r0001", "does not hold"),
        ("nobody", None, "r0099", "r0099"),
    ],
)
def test_what_cannot_be_decided_is_told(
    nights: Nights, verdict: human_decisions.Verdict, person: str | None, record_id: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told) as caught:
        nights.say(verdict, person, record_id)
    assert "001200000099" not in str(caught.value)
    assert human_decisions.in_force(nights.settings).is_empty()


def test_a_file_of_decisions(nights: Nights, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    header = "record_id,verdict,person_id,by,because\n"
    file.write_text(f"{header}r0000,same,{AN},Lan,giấy khai sinh\nr0001,nobody,,Lan,đã hỏi xã\n", encoding="utf-8-sig")
    kept = decide.decide(nights.settings, decide.read_verdicts(file), AT)
    assert [each.decision.verdict for each in kept] == ["same", "nobody"]
    assert kept[0].person is not None
    assert AN not in kept[0].person, "masked"
    assert nights.link(EITHER, STRANGER)["told"] == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("record_id,verdict,person_id,by,because\nr0000,maybe,,Lan,x\nr0000,nobody,,,x\n", "2: verdict; 3: by"),
        ("record_id,verdict\nr0000,nobody\n", "person_id"),
        ("", "record_id"),
    ],
)
def test_a_file_at_fault_is_told_and_nothing_kept(nights: Nights, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        decide.decide(nights.settings, decide.read_verdicts(file))


def test_fingerprints_are_the_same_for_ever(nights: Nights) -> None:
    """They stand in the state database: were this to change, every decision would lapse."""
    content = human_decisions.record_fingerprints(core([EITHER]), nights.settings)[0]
    assert content == "9874518019aa0ac353485f5af16add15075f0e6ccd68f3524508293d35198f8e"
    known = human_decisions.person_fingerprints(
        snapshot.current(nights.settings).path, pl.Series(["079190123456"]), nights.settings
    )
    assert known.rows() == [("079190123456", "4e366c8a9311979af7ff6578f36a4dc2bde7fee79dd435c0159b355e11ebdbb0")]
