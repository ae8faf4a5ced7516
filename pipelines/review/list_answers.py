"""Takes the answers of lists that came back: each applied, noted, or refused with its reason in a returned copy.

An answer is about what a record said in the list and whom the night proposed for it: if either has changed since, it
is refused. `same` and `different` become decisions (`pipelines.review.answers`); that something was mended is noted,
and what the next night's file says is what counts. The same answer of the same list is taken once.
"""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import Connection, insert, select

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.files.containers import office_package
from pipelines.read import inbox
from pipelines.report import recipients
from pipelines.report.workbook.department_list import CANNOT, MENDED, OTHER, SAME
from pipelines.review import answers, filled_in, listed_then
from pipelines.review.disagreement import Answer, standing
from pipelines.review.filled_in import FilledIn
from pipelines.review.returned_copy import write_returned
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, audit_log, issued_lists, state
from pipelines.workspace.checksums import sha256
from pipelines.workspace.issued_lists import LISTED, Issued
from pipelines.workspace.state_tables import list_answers

SAID = {MENDED: "mended", CANNOT: "cannot", OTHER: "different", SAME: "same"}
"""What can be answered → how it is kept."""


Row = dict[str, Any]
"""A row of a filled-in list, by column."""


class Sender(NamedTuple):
    """Who sends a list back under an account of their own: the answers are theirs, whatever name the list bears."""

    name: str
    may_settle: bool
    """Whether theirs may be the third answer where two differ."""


class Taken(NamedTuple):
    """What became of one list that came back."""

    file: str
    recipient: str
    applied: int
    noted: int
    third: int
    """Answers that another person contradicted: a third has to answer."""
    refused: int
    again: int
    """Answers that had been taken before."""
    returned: Path | None
    """The copy with what became of each answer."""
    reasons: tuple[tuple[int, str], ...] = ()
    """Row and why, as a code of `list_answers_words.WHY`, of each answer that was refused."""


def take_inbox(settings: Settings) -> list[Taken]:
    """What became of every filled-in list in the inbox; to be called before the night begins.

    A list that cannot be taken stops nobody: why not is told in `refused-….txt` beside the returned copies.
    """
    taken = []
    for path in (each.path for each in inbox.arrivals(settings) if each.refused is None and is_list(each.path)):
        try:
            taken.append(take(settings, path))
        except BadInput as refusal:
            told = issued_lists.answers_folder(settings) / f"refused-{sha256(path)[:12]}.txt"
            with atomic_files.atomic(told) as temporary:
                temporary.write_text(f"{path.name}: {refusal}\n", encoding="utf-8")
            taken.append(Taken(path.name, "", 0, 0, 0, 0, 0, told))
    return taken


def tenants(settings: Settings, path: Path) -> set[tuple[str, str]]:
    """Sector and province of every record of the list as it was handed out; `00` where the province is unknown.

    Errors: as `take`.
    """
    issued = _issued(settings, filled_in.read(path))
    run = Run(settings=settings, run_id=issued.run_id)
    listed = pl.scan_parquet(run.directory / LISTED, glob=False).filter(pl.col("list_id") == issued.list_id)
    cleaned = pl.scan_parquet(run.cleaned / f"{issued.sector}.parquet", glob=False)
    found = listed.join(cleaned.select("record_id", "province_code"), on="record_id", how="left", maintain_order="left")
    provinces = found.select(pl.col("province_code").fill_null("00").unique().sort()).collect().to_series()
    return {(issued.sector, province) for province in provinces}


def take(settings: Settings, path: Path, sender: Sender | None = None) -> Taken:
    """What became of the answers of one list.

    Errors: UnreadableFile if the file is no list of ours, BadInput if this workspace did not hand it out as it says.
    """
    filled = filled_in.read(path)
    if sender is not None:
        filled = filled._replace(answered_by=sender.name)
    issued = _issued(settings, filled)
    run = Run(settings=settings, run_id=issued.run_id)
    listed = pl.read_parquet(run.directory / LISTED, glob=False).filter(list_id=issued.list_id)
    sees = recipients.read(settings, schema.of_settings(settings)).find(
        issued.recipient, schema.load(issued.sector, settings.sectors_directory)
    )
    rows = filled.rows.join(listed.select("record_id", "content"), on="record_id", how="left", maintain_order="left")
    rows = listed_then.beside(settings, run, issued.sector, rows)
    judged = _judged(rows, filled.answered_by, issued.list_id, sees_person=sees.sees_corrections)
    may_settle = sender is None or sender.may_settle
    return _store(settings, path, filled, issued, judged, may_settle=may_settle)


def is_list(path: Path) -> bool:
    """Whether the file is a list of ours, perhaps filled in."""
    try:
        return office_package.is_list(path)
    except (BadInput, OSError):
        return False


def _issued(settings: Settings, filled: FilledIn) -> Issued:
    """The list as it was handed out. Errors: BadInput if it is not what the workbook says, or its run is gone."""
    issued = issued_lists.of_list(settings, filled.identity.list_id)
    if issued is None:
        raise BadInput(
            "unknown_list",
            "Danh sách không phải do thư mục làm việc này gửi, hoặc đã được viết lại; hãy trả lời ở danh sách mới nhất "
            "/ this workspace did not hand out the list, or wrote it anew since.",
        )
    told = filled.identity
    if (told.checksum, told.run_id, told.sector, told.recipient) != (
        issued.checksum,
        issued.run_id,
        issued.sector,
        issued.recipient,
    ):
        raise BadInput(
            "changed_list",
            "Phần ẩn của danh sách đã bị sửa; hãy điền lại tệp gốc / the list's hidden part was changed.",
        )
    if not (settings.runs_directory / issued.run_id / LISTED).is_file():
        raise BadInput(
            "run_gone", f"Không còn lượt {issued.run_id} của danh sách; hãy trả lời ở danh sách mới / the run is gone."
        )
    return issued


def _judged(rows: pl.DataFrame, by: str, list_id: str, *, sees_person: bool) -> pl.DataFrame:
    """The rows with `said, outcome, why, digest`: what each answer is, and why it cannot be taken.

    Shape: `rows` as `listed_then.beside` gives them. `outcome` is `refused`, `noted` or, of what is to be decided,
    `applied`.
    """
    said = pl.col("answer").replace_strict(SAID, default=None, return_dtype=pl.String)
    decides = said.is_in(["same", "different"])
    why = (
        pl.when(pl.col("content").is_null()).then(pl.lit("not_listed"))
        .when(pl.col("answer").is_null()).then(pl.lit("no_answer"))
        .when(said.is_null()).then(pl.lit("unknown_answer"))
        .when(pl.lit(not by)).then(pl.lit("no_name"))
        .when(~decides).then(None)
        .when((said == "same") & pl.lit(not sees_person)).then(pl.lit("not_shown"))
        .when(pl.col("person_id").is_null()).then(pl.lit("no_person"))
        .when(pl.col("is_there").is_null()).then(pl.lit("record_changed"))
        .when(pl.col("person").is_null()).then(pl.lit("person_changed"))
    )  # fmt: skip
    told = rows.with_columns(said=said, why=why).with_columns(
        outcome=pl.when(pl.col("why").is_not_null()).then(pl.lit("refused"))
        .when(decides).then(pl.lit("applied")).otherwise(pl.lit("noted"))
    )  # fmt: skip
    given = zip(told["record_id"], told["answer"], told["note"], strict=True)
    digests = [
        hashlib.sha256("|".join([list_id, by, *(str(part or "") for part in answer)]).encode()).hexdigest()
        for answer in given
    ]
    return told.with_columns(digest=pl.Series(digests, dtype=pl.String))


def _store(
    settings: Settings, path: Path, filled: FilledIn, issued: Issued, judged: pl.DataFrame, *, may_settle: bool
) -> Taken:
    """Keeps what was answered and decides what it comes to, in one transaction; then writes the returned copy."""
    digest, by = sha256(path), filled.answered_by
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        known = connection.execute(select(list_answers.c.digest).where(list_answers.c.list_id == issued.list_id))
        fresh = judged.filter(~pl.col("digest").is_in(list(known.scalars())))
        # A row that somebody copied within the sheet is one answer.
        once = fresh.unique("digest", keep="first", maintain_order=True).to_dicts()
        settled = _settled(connection, once, by, issued, may_settle=may_settle)
        kept = [_row(row, digest, issued, by) for row in settled if row["said"] and row["content"] and by]
        if kept:
            connection.execute(insert(list_answers), kept)
            counts = dict(sorted(Counter(row["outcome"] for row in kept).items()))
            told = {"list": issued.list_id, "run": issued.run_id, "file": digest, "answers": counts}
            audit_log.append(connection, "answered_list", told, by)
    outcomes = {row["row"]: (row["outcome"], row["why"]) for row in settled}
    seen = judged.with_columns(
        outcome=pl.Series([outcomes.get(row, ("again", None))[0] for row in judged["row"]], dtype=pl.String),
        why=pl.Series([outcomes.get(row, ("again", None))[1] for row in judged["row"]], dtype=pl.String),
    )
    returned = _returned_path(settings, issued, digest)
    # What came a second time has its copy already, with what became of it then.
    if kept or not returned.exists():
        write_returned(
            returned, settings.night, issued, seen.select("row", *filled.shown, "answer", "note", "outcome", "why")
        )
    count = dict(seen["outcome"].value_counts().iter_rows())
    applied, noted, third, refused, again = (count.get(n, 0) for n in ("applied", "noted", "third", "refused", "again"))
    reasons = tuple(seen.filter(outcome="refused").select("row", "why").iter_rows())
    return Taken(path.name, issued.recipient, applied, noted, third, refused, again, returned, reasons)


def _returned_path(settings: Settings, issued: Issued, digest: str) -> Path:
    return issued_lists.answers_folder(settings) / f"{issued.recipient}-{digest[:12]}.xlsx"


def _settled(connection: Connection, rows: list[Row], by: str, issued: Issued, *, may_settle: bool) -> list[Row]:
    """The rows with what became of them. Answers about who a record is go the way of all answers
    (`pipelines.review.answers`): one that another person contradicts decides nothing until a third has answered.
    """
    decides = [row for row in rows if row["outcome"] == "applied"]
    keys = [(issued.sector, row["content"]) for row in decides]
    before, readers = answers.of_records(connection, keys), answers.readers_of(connection)
    given = []
    for key, row in zip(keys, decides, strict=True):
        was = standing([each.answer for each in before[key]], readers.get(row["tenant"], 1))
        if was.waits_for in ("second", "third") and by in was.answered:
            row |= {"outcome": "refused", "why": "same_person"}
        elif was.waits_for == "third" and not may_settle:
            row |= {"outcome": "refused", "why": "not_second"}
        else:
            note = row["note"] or f"Danh sách {issued.recipient}, đêm {issued.night}"
            said = Answer(by, row["said"], row["person_id"])
            given.append(answers.Given(key, row["tenant"], said, row["person"], note))
    stands = answers.give(connection, given) if given else {}
    for key, row in zip(keys, decides, strict=True):
        if row["outcome"] == "applied" and stands[key].decided is None:
            row["outcome"] = "third" if stands[key].waits_for == "third" else "noted"
    return rows


def _row(row: Row, digest: str, issued: Issued, by: str) -> dict[str, Any]:
    return {
        "list_id": issued.list_id, "record_id": row["record_id"], "digest": row["digest"], "file_sha256": digest,
        "night": issued.night, "sector": issued.sector, "recipient": issued.recipient, "content": row["content"],
        "key": row["key"], "said": row["said"], "person_id": row["person_id"], "answered_by": by,
        "outcome": row["outcome"], "why": row["why"],
    }  # fmt: skip
