"""One night over midnight, the next one, and a line that goes away: the page, the terminal and the figures agree."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from pipelines.audit.manifest import counts_of
from pipelines.cli.show.night import show_night
from pipelines.config import TIME_ZONE, Run, Settings
from pipelines.errors import GatewayDown, GatewayRefused
from pipelines.night import hops, runs
from pipelines.quota import give_order
from pipelines.quota.give_order import Signed
from pipelines.registry import load
from pipelines.report import asking
from pipelines.verify.hop import verify
from pipelines.verify.worker.options import WorkerOptions
from pipelines.workspace import run_tables, state
from tests.pipelines.verify.stage import DAY, NEXT, Desk
from tests.pipelines.verify.world import Hands

PEOPLE, CAP, TENS = 60, 30, WorkerOptions(batch=10)
EVENING = datetime(2026, 11, 22, 22, 30, tzinfo=TIME_ZONE)
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ")
NAMES = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Minh", "Nga")


@dataclass
class Nights:
    """A workspace of sixty insured people, a gateway in memory and clocks that only the test moves."""

    workspace: Path
    desk: Desk = field(default_factory=lambda: Desk(cap=CAP))
    clock: Hands = field(default_factory=lambda: Hands(EVENING.timestamp()))

    def settings(self, night: str, *, asks: bool = True) -> Settings:
        return Settings(workspace=self.workspace, night=night, daily_cap=CAP, threads=1, asks=asks)

    def lay_out(self) -> None:
        folder = self.workspace / "inbox" / "insurance"
        folder.mkdir(parents=True)
        people = [
            (f"0790870{n:05}", f"{SURNAMES[n // 10]} Văn {NAMES[n % 10]}", f"1987-09-{n % 28 + 1:02}")
            for n in range(PEOPLE)
        ]
        registry = ["person_id,full_name,date_of_birth,sex", *(",".join((*each, "Nam")) for each in people)]
        rows = ["so_cccd,ho_ten,ngay_sinh,gioi_tinh", *(",".join((*each, "Nam")) for each in people)]
        (self.workspace / "registry.csv").write_text("\n".join(registry), encoding="utf-8")
        (folder / "a.csv").write_text("\n".join(rows), encoding="utf-8")
        load.load(self.settings(DAY), self.workspace / "registry.csv")

    def night(self, night: str, *, asks: bool = True) -> Run:
        """All hops of a new run, the asking over the desk."""
        run = runs.open_run(self.settings(night, asks=asks))
        conduct = WorkerOptions(batch=10, asks=asks)
        over_the_desk = partial(verify, transport=self.desk, conduct=conduct, clock=self.clock)
        for hop in hops.HOPS:
            hops.run_hop(run, replace(hop, function=over_the_desk) if hop.name == "verify" else hop)
        runs.close(run)
        return run

    def midnight_before(self, message: int) -> None:
        """The gateway's and our clocks cross midnight just before this message is received."""

        def before(number: int) -> None:
            if number == message:
                self.desk.day = NEXT
                self.clock.go(2 * 3_600)

        self.desk.before = before

    def used(self) -> dict[str, int]:
        with state.opened(self.settings(DAY)) as engine, state.reading(engine) as connection:
            rows = connection.exec_driver_sql("SELECT day, charged FROM quota_days WHERE charged > 0").all()
        return {str(day): int(charged) for day, charged in rows}


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    made = Nights(tmp_path)
    made.lay_out()
    return made


def told(run: Run, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str, str]:
    """The manifest's figures, which the database keeps alike; the page's and the terminal's words."""
    found = counts_of(run)
    assert {each["run_id"]: each["figures"] for each in state.past_nights(run.settings)}[run.run_id] == found
    page = unescape((run.reports / "summary.html").read_text(encoding="utf-8"))
    capsys.readouterr()
    show_night(run, found, as_json=False)
    return found, page, " ".join(capsys.readouterr().out.split())


def numbers(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["asked"], found["asked_answered"], found["waiting"]


def test_a_night_that_crosses_midnight_asked_what_it_sent_and_the_next_one_the_rest(
    nights: Nights, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten before midnight, then 30 of the next day's places; the last twenty on the day after."""
    nights.midnight_before(2)
    first = nights.night(DAY)
    assert nights.used() == {DAY: 10, NEXT: 30}, "the cap is the calendar day's"
    found, page, out = told(first, capsys)
    assert numbers(found) == (40, 40, 20)
    assert "Đêm nay đã gửi 40, 40 đã có trả lời." in page
    assert "Yêu cầu xác thực: đêm nay đã gửi 40, đã có trả lời 40, còn chờ 20." in out
    assert found["asking"]["told_vi"] is None

    again = nights.night(DAY, asks=False)  # the same command after midnight, with --night of yesterday
    found, page, out = told(again, capsys)
    assert numbers(found) == (40, 40, 20), "one night, in whichever run it is told"
    assert "Đêm nay đã gửi 40, 40 đã có trả lời." in page
    sentence = found["asking"]["told_vi"] or ""
    assert sentence.startswith("Đêm này đã qua nên không gửi thêm yêu cầu xác thực nào. Đêm nay đã gửi 40 yêu cầu")
    assert sentence in page
    assert sentence in out

    full = nights.night(NEXT)
    found, page, _ = told(full, capsys)
    assert numbers(found) == (0, 0, 20), "its places went to the night before"
    assert "Đêm nay đã gửi 0, 0 đã có trả lời. Tính cả các đêm trước: 40 yêu cầu đã có trả lời" in page

    nights.desk.day = "2026-11-24"
    nights.clock.go(24 * 3_600)
    last = nights.night("2026-11-24")
    found, page, out = told(last, capsys)
    assert numbers(found) == (20, 20, 0)
    assert nights.used() == {DAY: 10, NEXT: 30, "2026-11-24": 20}
    by_night = [each["figures"]["asked"] for each in state.past_nights(last.settings)]
    assert by_night == [40, 0, 20], "what the nights say they asked is what was asked"
    assert "22/11 40, 23/11 0, 24/11 20" in page, "the trend"


def test_after_midnight_the_plan_knows_what_was_taken_of_the_new_day(nights: Nights) -> None:
    nights.midnight_before(2)
    with run_tables.connect(nights.night(DAY), read_only=True) as connection:
        plan = json.loads(run_tables.read_table(connection, "plan")["plan"].item())
    assert (plan["waiting"], plan["start"], plan["clears_on"]) == (20, "2026-11-24", "2026-11-24")


def test_a_lost_line_is_told_alike_everywhere_until_it_is_there_again(
    nights: Nights, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten are answered and the second message is lost: ten sent without an answer, forty never sent."""

    def lost(number: int) -> None:
        if number >= 2:
            nights.desk.is_down = True
            raise GatewayDown("no line")

    nights.desk.before = lost
    found, page, out = told(nights.night(DAY), capsys)
    assert numbers(found) == (20, 10, 50)
    assert (found["asking"]["stopped_by"], asking.exit_code(found["asking"])) == ("outage", 4)
    since = datetime.fromisoformat(found["asking"]["since"] or "")
    assert timedelta(0) <= since - EVENING < timedelta(minutes=5)
    moment = f"{since:%H:%M} ngày 22/11/2026"
    sentence = found["asking"]["told_vi"]
    assert sentence is not None
    assert sentence.startswith(f"Không kết nối được với CSDL quốc gia về dân cư từ {moment}.")
    assert "đã gửi 20 yêu cầu xác thực, 10 đã có trả lời; còn chờ 50" in sentence
    assert "đêm sau gửi tiếp" in sentence
    assert page.index(sentence) < page.index('class="tiles"'), "before all figures"
    assert sentence in out

    nights.clock.go(24 * 3_600)
    found, _, _ = told(nights.night(NEXT), capsys)
    assert numbers(found) == (0, 0, 50)
    assert found["asking"]["since"] == since.isoformat(timespec="seconds"), "nothing came between"

    nights.clock.go(24 * 3_600)
    nights.desk = Desk(cap=1_000, day="2026-11-24", told=nights.desk.told, charges=nights.desk.charges)
    last = nights.night("2026-11-24")
    found, page, out = told(last, capsys)
    assert found["asking"]["told_vi"] is None
    assert "Không kết nối được" not in page
    assert asking.exit_code(found["asking"]) == 0
    assert numbers(found) == (20, 20, 20), "ten of the thirty places went to what had been sent on the first night"
    assert [each["figures"]["asked"] for each in state.past_nights(last.settings)] == [20, 0, 20]


def test_a_gateway_that_refuses_our_messages_does_not_stop_the_night(
    nights: Nights, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_number: int) -> None:
        raise GatewayRefused("Chữ ký không đúng / the signature is wrong", code="UNSIGNED")

    nights.desk.before = refused
    found, page, out = told(nights.night(DAY), capsys)
    assert (found["asking"]["stopped_by"], asking.exit_code(found["asking"])) == ("refused", 4)
    assert "Cổng xác thực từ chối mọi yêu cầu của đơn vị từ 22:30 ngày 22/11/2026 (Chữ ký không đúng)." in page
    assert "since 22:30 on 22/11/2026 (the signature is wrong)." in (found["asking"]["told_en"] or "")
    assert (found["asking"]["told_vi"] or "—") in out
    assert (found["records"], found["waiting"]) == (60, 60)


def test_what_a_human_stopped_is_told_with_who_and_how_to_go_on(
    nights: Nights, capsys: pytest.CaptureFixture[str]
) -> None:
    an = Signed("An", EVENING - timedelta(hours=2), "bảo trì")
    give_order.plain(nights.settings(DAY), "pause", an)
    found, page, out = told(nights.night(DAY), capsys)
    assert (found["asking"]["stopped_by"], asking.exit_code(found["asking"])) == ("paused", 0), "as it was ordered"
    assert "đang ngừng theo lệnh từ 20:30 ngày 22/11/2026 (An: bảo trì)." in page
    assert "Để gửi tiếp: sachsong queue resume." in out
