"""A worker paced over the day's hours uses every place, whatever the line costs it; on both databases."""

from datetime import UTC, datetime, time

from pipelines.errors import GatewayDown, GatewayTimeout
from pipelines.verify.queue import leases
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.pacing import Hours
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, Stage, asking

MORNING = datetime(2026, 11, 22, 0, tzinfo=UTC)
"""07:00 in Việt Nam."""
ONE_HOUR = WorkerOptions(hours=Hours(time(7), time(8)), patience_s=3_600)


def test_time_that_the_line_cost_is_made_up_for_before_the_day_closes(stage: Stage) -> None:
    """One message in ten takes a minute and a half and is lost: every place is used all the same."""
    stage.clock.database, stage.cap = MORNING.timestamp(), 120
    stage.enqueue(asking(range(200)))

    def lost(message: int) -> None:
        if message % 10 == 0:
            stage.clock.go(90)
            raise GatewayTimeout("lost")

    stage.desk.before = lost
    assert stage.turn(conduct=ONE_HOUR).run().stopped_by == "cap"
    assert stage.desk.used(DAY) == 120


def test_a_worker_that_died_leaves_its_part_of_the_hours_to_the_others(stage: Stage) -> None:
    stage.clock.database, stage.cap = MORNING.timestamp(), 120
    stage.enqueue(asking(range(200)))
    with state.transaction(stage.engine) as connection:
        leases.begin(connection, "dead", "", DAY, stage.clock.database)
    assert stage.turn(conduct=ONE_HOUR).run().stopped_by == "cap"
    assert stage.desk.used(DAY) == 120


def test_half_an_hour_without_a_line_is_made_up_for(stage: Stage) -> None:
    stage.clock.database, stage.cap = MORNING.timestamp(), 120
    stage.enqueue(asking(range(200)))
    begun = stage.clock.machine

    def outage(_message: int = 0) -> None:
        if 600 <= stage.clock.machine - begun < 2_400:
            raise GatewayDown("down")

    stage.desk.before = stage.desk.before_looking_up = outage
    ended = stage.turn(conduct=ONE_HOUR).run()
    assert ended.stopped_by == "cap"
    assert stage.desk.used(DAY) == 120
    assert stage.clock.machine - begun < 3_600
