"""The README's figures, made again: `python -m docs.figures` writes the table from benchmarks/results/*.json.

One row a measurement, with the command that measures it anew; a test compares the README with what would be written.
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- figures: python -m docs.figures -->", "<!-- figures end -->"
LINK = "link-hard-1000000-31"
NAMED = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
REALISTIC, LINKED_PEOPLE = ("mature-2025", "students-2023", "insurance-2023", "vaccination-2022", "hard"), 300_000


def table() -> str:
    """The table in Markdown."""
    rows = [*_nights(), *_cleaning(), *_checking(), *_linking(), *_asking(), *_reviewing(), *_synthetic()]
    lines = [f"| {what} | {figure} | `python {_module(command)}` |" for what, figure, command in rows]
    return "\n".join(["| measured | figure | command |", "|---|---|---|", *lines])


def _module(command: str) -> str:
    return command if command.startswith("-m ") else f"-m benchmarks.{command}"


def written(readme: str) -> str:
    """The README with the table in its place."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _nights() -> list[tuple[str, str, str]]:
    """The largest night of each preset that was measured: the whole, its hops, and a second one with few changes."""
    found = [json.loads(path.read_bytes()) for path in sorted(RESULTS.glob("night-*.json"))]
    largest = {night["settings"]["preset"]: night for night in sorted(found, key=_size)}
    return [row for preset in sorted(largest) for row in _night(largest[preset])]


def _size(night: dict[str, Any]) -> tuple[int, int]:
    return int(night["settings"]["people"]), int(night["settings"]["records"])


def _night(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    given, changed, machine = found["settings"], found.get("changed"), found["machine"]["before"]
    people, records = _size(found)
    # Fewer are read than were asked for where a sector cannot have as many: not everybody is a pupil.
    read = found["steps"]["read"]["counts"]["rows_read"]
    command = f"night --people {people} --records {records} --preset {given['preset']}"
    command += f" --changed {given['changed']}" if changed else ""
    hops = {name: step for name, step in found["steps"].items() if name != "registry load"}
    rows = [
        (
            f"the whole night, one command: {read:,} records of the preset {given['preset']}, {people:,} people",
            f"{_seconds(found['one command'], machine)}, {found['one command']['peak_mb']:,} MB",
            command,
        ),
        (
            "the same night hop by hop, each in a process of its own",
            f"{_seconds(found['night'], machine)}, {found['night']['peak_mb']:,} MB",
            command,
        ),
        (
            "of it, hop by hop: processor seconds",
            ", ".join(f"{name} {step['processor_seconds']:.0f}" for name, step in hops.items()),
            command,
        ),
    ]
    if changed:
        what = f"a second night with {float(given['changed']):.0%} of the records exchanged, the same bytes"
        share = f"{changed['share']['processor_seconds']:.0%}"
        rows.append((what, f"{_seconds(changed['night'], machine)}, {share}", command))
    return rows


def _seconds(night: dict[str, Any], machine: dict[str, Any]) -> str:
    """By the clock only where others did not use the machine."""
    told = f"{night['processor_seconds']:.0f} processor seconds"
    is_busy = machine["load"][0] > machine["cpus"]
    return f"{told} (the machine was busy)" if is_busy else f"{night['seconds']:.0f} s, {told}"


def _cleaning() -> list[tuple[str, str, str]]:
    names, ids, reading = _result("names"), _result("ids_dates"), _result("read")
    faulty, left = names["faulty_share"], 1 - names["naive_restored_share"]
    return [
        (f"{_million(names['rows'])} names, {faulty:.0%} of them faulty", f"{names['standardise_first_s']} s", "names"),
        (
            "the same by `unidecode` and `title`, row by row",
            f"{names['naive_unidecode_title_s']} s, {left:.0%} left faulty",
            "names",
        ),
        (
            f"{_million(ids['rows'])} ID numbers as Excel leaves them",
            f"{ids['ids_damaged_s']} s",
            "ids_dates",
        ),
        (f"{_million(ids['rows'])} dates in eight forms", f"{ids['dates_damaged_s']} s", "ids_dates"),
        *(_read(kind, reading[kind]) for kind in ("csv", "xlsx")),
    ]


def _read(kind: str, file: dict[str, Any]) -> tuple[str, str, str]:
    what = f"{file['rows']:,} rows of {kind.upper()} ({file['file_mb']:.0f} MB) counted twice, standardised, stored"
    figure = (
        f"{file['whole_s']:.0f} s, {file['peak_mb']:,} MB; polars alone, uncleaned: {file['peer_s']} s, "
        f"{file['peer_peak_mb']:,} MB"
    )
    return what, figure, "read"


def _checking() -> list[tuple[str, str, str]]:
    check = _result("check")
    families = [check[name] for name in ("correct", "complete", "clean", "live")]
    rules, seconds = sum(each["rules"] for each in families), sum(each["seconds"] for each in families)
    what = f"{rules} rules on {_million(check['rows']).lower()} insurance records, with lists and pages"
    return [(what, f"{seconds:.1f} s, {check['peak_mb']} MB", "check")]


def _linking() -> list[tuple[str, str, str]]:
    link = _result(LINK)
    settings, found = link["settings"], link["all"]
    seconds = sum(value for name, value in link["seconds"].items() if name.startswith("link_"))
    command = f"link --preset {settings['preset']} --seed {settings['seed']}"
    precision, ranked = found["automatic_precision"], found["ranking"]["recall_at"]["0.9999"]
    return [
        (
            f"{found['records']:,} records of the {settings['preset']} preset against {settings['people']:,} people",
            f"{seconds:.0f} s, {link['peak_mb']['after_link']:,} MB",
            command,
        ),
        (
            "of these links without a human: right",
            f"{_percent(precision['share'], 4)} ({precision['of'] - precision['right']} wrong of {precision['of']:,})",
            command,
        ),
        ("people who are in the registry: proposed", _percent(found["proposed_recall"]["share"], 2), command),
        ("the same at a precision of 99.99 %", _percent(ranked["recall"]["share"], 2), command),
        *(row for name in REALISTIC for row in _realistic(name)),
        *_beside_peers(),
    ]


def _realistic(preset: str) -> list[tuple[str, str, str]]:
    link = _result(f"link-{preset}-{LINKED_PEOPLE}-31")
    found, command = link["all"], f"link --preset {preset} --people {LINKED_PEOPLE} --records 40000"
    precision, recall = found["automatic_precision"], found["automatic_recall"]
    wrong, review = precision["of"] - precision["right"], found["review"]
    figure = (
        f"{_percent(recall['share'], 2)}, {wrong} wrong of {precision['of']:,}; review {_percent(review['share'], 2)}"
    )
    return [(f"linked without a human, preset {preset}", figure, command)]


def _splink() -> str:
    """Our seconds beside Splink's in each way that it runs, and both errors."""
    found = _result("splink-hard-1000000-31")["all"]
    ours, splink, faster = found["ours"], found["splink"], found["times_faster"]
    if "documented" not in splink:  # measured before Splink ran in three ways
        splink, faster = {"documented": splink | {"seconds_total": splink["seconds"]}}, {"documented": faster}
    told = {"documented": "its documentation's pairs", "few": "2·10⁶ pairs", "given": "given weights, untrained"}
    times = ", ".join(
        f"{each['seconds_total']:.0f} s with {told[way]} ({faster[way]}×)" for way, each in splink.items()
    )
    errors = f"{ours['error']:.5f} and {splink['documented']['error']:.5f}"
    return f"{ours['seconds']:.0f} s; Splink {times}; error (1 − best F1) {errors}"


def _beside_peers() -> list[tuple[str, str, str]]:
    twins, febrl, scale = _result("twins-200000-14000-5")["wrong"], _result("febrl"), _result("link-scale")
    removed, largest = febrl["fifth_removed"], scale["runs"][-1]
    return [
        (
            "planted twins, siblings and namesakes linked wrongly without a number that says so",
            f"{twins['right']} of {twins['of']:,}",
            "twins",
        ),
        ("beside Splink 5 on the hard preset, files to links (Splink from cleaned input)", _splink(), "splink_peer"),
        (
            "FEBRL 4 by id, name and date, a fifth removed: recall of automatic links, ours and Splink's (p ≥ 0.99)",
            f"{_percent(removed['ours']['automatic']['recall'], 2)} and "
            f"{_percent(removed['splink']['automatic']['recall'], 2)}, none wrong",
            "febrl",
        ),
        (
            f"{largest['people']:,} people prepared; {largest['night']['records']:,} records linked to them",
            f"{largest['prepare']['seconds']:.0f} s, {largest['prepare']['peak_mb']:,} MB; "
            f"{largest['night']['seconds']:.0f} s, {largest['night']['peak_mb']:,} MB",
            "link_scale",
        ),
    ]


def _asking() -> list[tuple[str, str, str]]:
    queue = _result("queue")
    what = f"{queue['cap']:,} questions asked and settled, {queue['waiting']:,} waiting, every commit on disk"
    settled = f"{queue['settle_s']} s, {queue['over_cap']} over the cap; enqueued in {queue['enqueue_s']} s"
    return [(what, settled, "queue --waiting 2000000"), *_under_faults(), *_sharing()]


def _reviewing() -> list[tuple[str, str, str]]:
    pages = _result("review_pages")
    took, load = pages["with_pauses_ms"], pages["load_of_the_machine"]
    return [
        (
            f"{pages['users']} people at once on a worklist of {pages['records']:,}, load {load} on two "
            "cores: a page of the list, at any depth, a search, a decision on disk (half; 95 %)",
            "; ".join(
                f"{took[kind]['p50']:.0f}, {took[kind]['p95']:.0f} ms"
                for kind in ("list", "deep_list", "search", "decision")
            )
            + f"; {pages['cpu_ms_a_request']} ms of processor a request",
            "review_pages",
        )
    ]


def _under_faults() -> list[tuple[str, str, str]]:
    kills, lasting, peer = _result("kills"), _result("sustained"), _result("procrastinate")
    country = _result("country")
    long, fastest = lasting["sqlite-http"], max(peer["procrastinate"]["concurrency"].values(), key=_rate)
    return [
        (
            f"kills (-9) of workers at every step, on {' and '.join(NAMED[on] for on in kills)}: "
            "laws of the books that were broken",
            "; ".join(
                f"{len(on['broken'])} in {on['kills']:,}, {on['charged']:,} charged for {on['questions']:,} questions"
                for on in kills.values()
            ),
            "-m tests.crash.kills --kills 1000 --seed 2",
        ),
        (
            f"{country['waiting']:,} waiting, a cap of {country['cap']:,}, "
            f"{country['share_of_messages_that_fail']:.0%} of all messages fail",
            f"clear in {country['open_days']} days, {country['least_use_of_a_full_day']:.0%} of a full day's places, "
            f"{country['over_the_cap']} over; {max(day['calls_per_question'] for day in country['days'])} calls each, "
            f"{country['wrong_answers']} wrong answers",
            "country",
        ),
        (
            f"answers a second over HTTP, {long['seconds'] / 60:.0f} minutes beside other work, every commit on disk",
            f"{long['answers_per_s']:,}, worst half minute {long['worst_half_minute_per_s']:,}",
            "sustained",
        ),
        (
            "jobs a second on PostgreSQL: ours in batches of 500, singly; Procrastinate at its best",
            f"{_rate(peer['ours_batch_500']):,}, {_rate(peer['ours_batch_1']):,}; {_rate(fastest):,}",
            "procrastinate_peer",
        ),
    ]


def _rate(measured: dict[str, Any]) -> int:
    return int(measured["jobs_per_s"])


def _sharing() -> list[tuple[str, str, str]]:
    fairness = _result("fairness")
    held, priority = fairness["promises"], fairness["priority_for_large_backlogs"]
    wait = {(row["policy"], row["group"]): row["max_wait"] for row in priority}
    return [
        (
            f"{held['scenarios']:,} drawn countries over 60 days: small tenants that waited, waits beyond their bound",
            f"{held['quiet_tenants_that_waited']} of {held['quiet_tenants']:,}, {held['bound_violations']}",
            "fairness",
        ),
        (
            "longest wait of small tenants, were the largest backlogs first",
            f"{wait['largest-first', 'quiet']} days, against {wait['floor+aged', 'quiet']}",
            "fairness",
        ),
        (
            "a what-if on 189 tenants over 60 days, the program's start included",
            f"{fairness['timings']['command_s']} s",
            "fairness",
        ),
    ]


def _synthetic() -> list[tuple[str, str, str]]:
    runs = [run for run in _result("synthetic")["runs"] if not run["sectors"]]
    return [
        (f"{run['people']:,} people invented", f"{run['seconds']} s, {run['peak_memory_mb']} MB", "synthetic")
        for run in runs[1:]
    ]


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _million(rows: int) -> str:
    return "A million" if rows == 1_000_000 else f"{rows:,}"


def _percent(share: float, digits: int = 3) -> str:
    return f"{100 * share:.{digits}f} %"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
