"""Gathers one record's way through a night from the run's tables, the registry snapshot and the state database."""

from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from matching.explanation.reason import templates
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link.explain import explain_links
from pipelines.night import runs
from pipelines.review import explain
from pipelines.review.explain import Wanted
from pipelines.review.trace import asked
from pipelines.review.trace.cells import cells_of
from pipelines.review.trace.model import Origin, Rejected, Said, Standing, Trace
from pipelines.sectors import schema
from pipelines.workspace import audit_log, fingerprints, issued_lists, run_schema, run_tables, state
from pipelines.workspace.issued_lists import HEADER_ROWS, LIST, LISTED
from rules import tables
from vn.ids import mask

Row = dict[str, Any]


def trace(
    settings: Settings, wanted: Wanted, run_id: str | None = None, *, unmasked: tuple[str, str] | None = None
) -> list[Trace | Rejected]:
    """The way of all records that match, or of the rejected rows in their place.

    `unmasked`: who wants to read the cells as they are, and why; it is noted in the audit log before anything is shown.
    Errors: BadInput if nothing fits or too much does, if there is no such run or it has lost its tables, or if the
    registry that it was matched with is gone.
    """
    run = runs.last_run(settings) if run_id is None else explain.named_run(settings, run_id)
    with runs.tables_of(run) as connection:
        snapshot = explain.snapshot_of(run)
        rejected = _rejected(connection, wanted)
        try:
            links = explain.find(connection, wanted, run)
        except BadInput as refusal:
            if refusal.code == "unknown_record" and rejected:
                return list(rejected)
            raise
        if unmasked:
            _note(run, links["record_id"].to_list(), *unmasked)
        parts = links.partition_by("sector", maintain_order=True)
        explained = [
            each for part in parts for each in explain_links(connection, part, snapshot, run.settings, correct=False)
        ]
        told = _Told(connection, run, links)
        return [
            told.of(row, each, unmasked=bool(unmasked)) for row, each in zip(links.to_dicts(), explained, strict=True)
        ]


def _note(run: Run, record_ids: list[str], by: str, because: str) -> None:
    with state.opened(run.settings) as engine, state.transaction(engine) as connection:
        details = {"run_id": run.run_id, "records": record_ids, "verb": "audit trace", "reason": because}
        audit_log.append(connection, "unmasked", details, by)


def _rejected(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[Rejected]:
    if wanted.file is None or wanted.row is None:
        return []
    found = run_tables.query(
        connection,
        "SELECT sector, source_file, sheet, source_row, code, message FROM rejected "
        "WHERE $file IN (source_file, sector || '/' || source_file) AND source_row = $row "
        "AND ($sheet IS NULL OR sheet = $sheet) ORDER BY ALL",
        {"file": wanted.file, "row": wanted.row, "sheet": wanted.sheet},
    )
    return [Rejected(**row) for row in found.to_dicts()]


class _Told:
    """What the tables say of some records."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: Run, links: pl.DataFrame) -> None:
        self._connection, self._run = connection, run
        self._wanted: dict[str, object] = {"wanted": links["record_id"].to_list()}
        self._sectors = schema.of_settings(run.settings)
        self._rows: dict[str, dict[str, Row]] = {}
        for sector in links["sector"].unique().sort():
            for table in (run_schema.raw_table(sector), run_schema.core_table(sector), run_schema.judged_table(sector)):
                self._rows[table] = self._keep(table)
        for name in (run_schema.VERIFICATIONS, run_schema.CARDS):
            self._rows[name] = self._keep(name)
        self._issues = self._read(run_schema.ISSUES)
        self._questions = asked.questions(run.settings, self._rows[run_schema.VERIFICATIONS].values())

    def _read(self, table: str) -> pl.DataFrame:
        if not run_tables.has_table(self._connection, table):
            return pl.DataFrame({"record_id": []}, schema={"record_id": pl.String})
        sql = f"SELECT * FROM {run_schema.identifier(table)} WHERE record_id IN (SELECT unnest($wanted))"
        return run_tables.query(self._connection, sql, self._wanted)

    def _keep(self, table: str) -> dict[str, Row]:
        return {row["record_id"]: row for row in self._read(table).to_dicts()}

    def _row(self, table: str, record_id: str) -> Row:
        return self._rows[table].get(record_id, {})

    def of(self, link: Row, explained: Any, *, unmasked: bool) -> Trace:
        """The way of one record."""
        sector, record_id = link["sector"], link["record_id"]
        core = self._row(run_schema.core_table(sector), record_id)
        answer = self._row(run_schema.VERIFICATIONS, record_id)
        file = self._file(link)
        card = self._row(run_schema.CARDS, record_id)
        status = answer.get("status") or link["status"]
        shown = explained if unmasked else explained.model_copy(update={"values": ()})
        raw = self._row(run_schema.raw_table(sector), record_id)
        return Trace(
            origin=self._origin(link, file),
            cells=cells_of(self._sectors[sector], raw, core, file.get("mapping"), unmasked=unmasked),
            rules=self._rules(sector, record_id),
            card={family: card[family] for family in tables.FAMILIES} if card else {},
            link=shown,
            person=link["person_id"] and mask(link["person_id"]),
            decided_by=_decided_by(link, answer),
            final_decision=answer.get("decision") or link["decision"],
            human=asked.human_words(self._run.settings, sector, self._content(sector, record_id)),
            final_status=status,
            question=self._questions.get(record_id),
            reports=self._standings(link, status, bool(answer)),
        )

    def _origin(self, link: Row, file: Mapping[str, Any]) -> Origin:
        names = ("record_id", "sector", "source_file", "sheet", "source_row")
        arrived = ("arrived_as", "arrived_sha256", "format", "encoding", "header_row")
        told: dict[str, Any] = {name: link[name] for name in names} | {name: file.get(name) for name in arrived}
        title = self._sectors[link["sector"]].title_vi
        return Origin(run_id=self._run.run_id, night=self._run.settings.night.isoformat(), sector_title=title, **told)

    def _file(self, link: Row) -> Row:
        place = {name: link[name] for name in ("sector", "source_file", "sheet")}
        sql = "SELECT * FROM files WHERE sector = $sector AND source_file = $source_file AND sheet = $sheet"
        found = run_tables.query(self._connection, sql, place).to_dicts()
        return found[0] if found else {}

    def _content(self, sector: str, record_id: str) -> str:
        """Fingerprint of what the record says, by which humans' decisions name it."""
        core = run_schema.core_table(sector)
        said = fingerprints.record_sql(self._row(core, record_id))
        sql = f"SELECT {said} AS content FROM {core} WHERE record_id = $id"
        return str(run_tables.query(self._connection, sql, {"id": record_id})["content"][0])

    def _rules(self, sector: str, record_id: str) -> tuple[Said, ...]:
        """What each rule that was run for the sector says, in the order of the families and their files."""
        judged, known = self._row(run_schema.judged_table(sector), record_id), tables.load()
        rules = {rule.id: rule for rule in known.rules}
        verdicts = {True: "pass", False: "fail", None: "not_applicable"}
        return tuple(
            Said(
                family=rules[rule_id].family,
                rule_id=rule_id,
                verdict=verdicts[said],
                severity=rules[rule_id].severity,
                message_vi=known.issues[rules[rule_id].issue].message_vi,
                message_en=known.issues[rules[rule_id].issue].message_en,
                source=rules[rule_id].source,
            )
            for rule_id, said in judged.items()
            if rule_id in rules
        )

    def _standings(self, link: Row, status: str, is_asked: bool) -> tuple[Standing, ...]:
        """Files of the run that say something of the record."""
        issues = self._issues.filter(pl.col("record_id") == link["record_id"])
        found = [
            ("links.parquet", 1, f"quyết định {link['decision']}, tình trạng {status}", f"decision, status {status}"),
            (f"cleaned/{link['sector']}.parquet", 1, "giá trị đã chuẩn hóa", "standardised values"),
            ("cards.parquet", 1, "thẻ đúng, đủ, sạch, sống", "card of the four words"),
            ("issues.parquet", issues.height, "vấn đề mà quy tắc tìm thấy", "issues that rules found"),
            ("verifications.parquet", int(is_asked), "yêu cầu xác thực và trả lời", "question and answer"),
            *self._lists(link),
        ]
        directory = self._run.directory
        return tuple(
            Standing(path=path, rows=rows, said_vi=vi, said_en=en)
            for path, rows, vi, en in found
            if rows and (directory / path).is_file()
        )

    def _lists(self, link: Row) -> list[tuple[str, int, str, str]]:
        """The recipient's list that has the record, and the row there."""
        table = self._run.directory / LISTED
        if not table.is_file():
            return []
        listed = pl.scan_parquet(table, glob=False).select("record_id", "sector", "list_id").with_row_index("place")
        found = listed.filter(pl.col("record_id") == link["record_id"], pl.col("sector") == link["sector"]).collect()
        told = []
        for row in found.to_dicts():
            of_list = listed.filter(pl.col("list_id") == row["list_id"], pl.col("place") < row["place"])
            before = of_list.select(pl.len()).collect().item()
            issued = issued_lists.of_list(self._run.settings, row["list_id"])
            if issued is not None:
                path, at = f"reports/lists/{issued.recipient}.xlsx", before + HEADER_ROWS + 1
                told.append((path, 1, f"danh sách «{LIST}», dòng {at}", f"the recipient's list, row {at}"))
        return told


def _decided_by(link: Row, answer: Row) -> str:
    if answer.get("decision"):
        return "registry"
    return "human" if link["reason"].startswith(tuple(templates()["human"].values())) else "model"
