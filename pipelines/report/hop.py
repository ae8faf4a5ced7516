"""The hop `report`: writes everything that leaves a run, the manifest last."""

import shutil
from datetime import datetime

from pipelines.audit import scores
from pipelines.audit.conservation import balance, require_balanced
from pipelines.audit.manifest import MANIFEST, write_manifest
from pipelines.config import TIME_ZONE, Run
from pipelines.report import feedback, progress, worklist
from pipelines.report.auditor.folder import write as write_audit
from pipelines.report.cleaned import write_cleaned
from pipelines.report.contracts import CONTRACTS, write_contracts
from pipelines.report.figures import figures
from pipelines.report.lists import write_lists
from pipelines.report.page import Beside, write_summary
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, issued_lists, night_places, run_schema, run_tables, state


def report(run: Run) -> dict[str, int]:
    """Counts of rows of each Parquet file, records listed for the departments, files balanced.

    Replaces what an earlier attempt left. The account of rows is printed in the summary first and then checked, so
    that a difference can be seen; without a balanced account there is no manifest and the night is not recorded.
    Errors: Unbalanced if a file's rows are not links + rejected.
    """
    started = datetime.now(TIME_ZONE)
    _clear(run)
    with run_tables.connect(run) as connection:
        sectors = schema.of_settings(run.settings)
        worklist.prepare(connection, sectors)
        scores.keep(connection, run.settings.night.isoformat())
        night, account = figures(connection), balance(connection)
        moved = progress.progress(connection, run, sectors)
        counts = write_contracts(connection, run)
        counts |= {f"cleaned_{sector}": rows for sector, rows in write_cleaned(connection, run).items()}
        counts |= {f"listed_{sector}": rows for sector, rows in write_lists(connection, run).items()}
        counts["answers_returned"] = _return_answers(run)
        estimate = feedback.nightly(connection, run)
        write_summary(connection, run, night, account, Beside(state.past_nights(run.settings), moved, estimate))
        counts |= write_audit(connection, run, night, account, counts)
        counts["progress"] = progress.write(connection, run, moved.places)
        require_balanced(account)
        files = run_tables.read_table(connection, run_schema.FILES)
        # None where a hop was called by itself, outside a night.
        has_costs = run_tables.has_table(connection, run_schema.SPENT)
        spent = run_tables.read_table(connection, run_schema.SPENT).to_dicts() if has_costs else []
    told = {**night, "estimate": estimate}
    state.record_night(run.settings, run.run_id, told)
    night_places.record(run.settings, run.run_id, moved.places)
    write_manifest(run, files, account, told, spent, started)
    return {**counts, "files_balanced": account.height}


def _return_answers(run: Run) -> int:
    """Number of copies, with what became of the answers, of the lists that came back before this night."""
    copies = sorted(path for path in issued_lists.answers_folder(run.settings).glob("[!.]*"))
    for each in copies:
        with atomic_files.atomic(run.reports / "answers" / each.name) as temporary:
            shutil.copyfile(each, temporary)
    return len(copies)


def _clear(run: Run) -> None:
    (run.directory / MANIFEST).unlink(missing_ok=True)
    for folder in (run.reports, run.cleaned):
        shutil.rmtree(folder, ignore_errors=True)
    for name in (issued_lists.LISTED, progress.FILE, *(f"{name}.parquet" for name in CONTRACTS)):
        (run.directory / name).unlink(missing_ok=True)
