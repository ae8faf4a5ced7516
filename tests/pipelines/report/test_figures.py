from pipelines.config import Run
from pipelines.report import findings
from pipelines.report.figures import linked_share
from pipelines.workspace import run_tables
from tests.pipelines.filled_run import change, figures_of


def test_figures_of_the_built_night(run: Run) -> None:
    found = figures_of(run)
    assert (found["files"], found["refused_files"]) == (5, 1)
    assert (found["rows"], found["records"], found["rejected"]) == (63, 61, 2)
    assert sum(found["by_decision"].values()) == sum(found["by_status"].values()) == 61
    assert found["by_sector"] == {"insurance": 16, "students": 34, "vaccination": 11}
    assert (found["by_status"]["verified"], found["by_status"]["agreed"]) == (17, 5)
    assert found["needs_work"] == 61 - 17 - 5
    assert found["issues"] == sum(found["issues_by_family"].values()) == 37
    # 17 answers, the first of them reused from an earlier night.
    assert (found["asked"], found["answered"], found["failed"], found["waiting"]) == (16, 17, 0, 5)


def test_one_question_for_two_records_is_one_question(run: Run) -> None:
    change(run, "UPDATE verifications SET request_id = 'request-1' WHERE request_id = 'request-2'")
    assert figures_of(run)["asked"] + figures_of(run)["waiting"] == 16 + 5 - 1


def test_a_question_of_two_tenants_is_counted_for_one_of_them(run: Run) -> None:
    change(run, "UPDATE verifications SET request_id = 'request-1' WHERE request_id IN ('request-2', 'request-3')")
    night = figures_of(run)
    with run_tables.connect(run) as connection:
        tenants = findings.tenants(connection)
    for name in ("asked", "answered", "waiting"):
        assert tenants[name].sum() == night[name], name  # type: ignore[literal-required]
    assert set(tenants["sector"]) <= {"insurance", "students", "vaccination"}


def test_an_error_on_a_verified_record_is_work_but_a_warning_is_not(run: Run) -> None:
    before = figures_of(run)["needs_work"]
    change(run, "UPDATE issues SET severity = 'error' WHERE rule_id = 'correct-name-length' AND source_row = 3")
    rows = figures_of(run)["needs_work"] - before
    with run_tables.connect(run) as connection:
        raised = run_tables.query(
            connection, "SELECT 1 AS one FROM issues WHERE rule_id = 'correct-name-length' AND source_row = 3"
        ).height
    assert rows == raised > 0


def test_linked_share_counts_links_not_reviews(run: Run) -> None:
    found = figures_of(run)
    assert linked_share(found) == found["by_decision"]["link"] / 61 < 1
    assert linked_share({**found, "records": 0, "by_decision": {}}) == 1.0
