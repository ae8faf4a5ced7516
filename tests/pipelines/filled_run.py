"""A run's tables, filled by hand: three sectors, four read files, one refused, some rows rejected."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.config import Run, Settings
from pipelines.link.residences import SCHEMA
from pipelines.report import worklist
from pipelines.report.figures import Figures, figures
from pipelines.sectors import schema
from pipelines.workspace import run_schema, run_tables

NIGHT = date(2026, 11, 22)

FILES = {
    "hs_q1.csv": ("students", "a" * 64, 22),
    "hs_q3.csv": ("students", "b" * 64, 12),
    "bhxh_kcn.xlsx": ("insurance", "c" * 64, 16),
    "tiem_chung.csv": ("vaccination", "d" * 64, 11),
}
"""File → sector, checksum, records."""

STATUSES = (
    "verified", "verified", "agreed", "verified", "wrong_information", "verified", "missing_id", "agreed", "not_found",
    "verified", "bad_id_format", "ambiguous", "duplicate", "wrong_id", "deceased", "verified", "moved", "unverifiable",
    "id_of_another", "cancelled_id",
)  # fmt: skip

PLACES = (("79", "26734"), ("79", "26740"), ("01", "00004"), ("48", None), (None, None))

NAMES = ("Nguyễn Văn An", "Trần Thị Bích Ngọc", "Lê Hoàng Minh Khôi", "Phạm Thúy", "H'Hen Niê", "Đặng Quốc Bảo")

RECIPIENTS = """recipient,title,sector,province,commune,zone,unit,sees_corrections
students,Học sinh cả nước,students,,,,,
insurance,Bảo hiểm cả nước,insurance,,,,,
"""
"""Two lists for the whole country, and vaccination's for each province."""

SECRET_NAME = "Vừ Thị Khuyên"
SECRET_ID = "079203012345"
"""On the first record of hs_q1.csv: no page for the whole nation may show them."""

CORE = (
    "full_name", "name_key", "name_note", "name_repairs", "date_of_birth", "birth_precision", "birth_alternative",
    "birth_repairs", "birth_why_not", "sex", "sex_why_not", "id_number", "cmnd_number", "id_kind", "id_repairs",
    "id_why_not", "id_province_code", "id_sex", "province_code", "commune_code", "tenant", "unit",
    "zone", "content_hash",
)  # fmt: skip


def make_run(workspace: Path, *, threads: int = 2, night: date = NIGHT, number: int = 1) -> Run:
    """A run whose tables are filled."""
    run = Run(settings=Settings(workspace=workspace, night=night, threads=threads), run_id=f"{night}-{number}")
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "recipients.csv").write_text(RECIPIENTS, encoding="utf-8")
    fill(run)
    return run


def fill(run: Run) -> None:
    """Write all tables that the hop reads."""
    records = [record for name in FILES for record in _records(name)]
    with run_tables.connect(run) as connection:
        run_tables.replace_table(connection, run_schema.FILES, _files())
        run_tables.replace_table(connection, run_schema.REJECTED, _rejected())
        for sector in sorted({record["sector"] for record in records}):
            rows = [record for record in records if record["sector"] == sector]
            run_tables.replace_table(connection, run_schema.core_table(sector), _core(sector, rows))
        run_tables.replace_table(connection, run_schema.LINKS, _links(records))
        run_tables.replace_table(connection, run_schema.RESIDENCES, _residences(records))
        issues = _issues(records)
        run_tables.replace_table(connection, run_schema.ISSUES, issues)
        run_tables.replace_table(connection, run_schema.VERIFICATIONS, _verifications(records))
        run_tables.replace_table(connection, run_schema.DUPLICATES, _duplicates(records))
        run_tables.replace_table(connection, run_schema.ASKING, _asking())
        totals: dict[str, int] = {}
        for sector in sorted({record["sector"] for record in records}):
            rows = [record for record in records if record["sector"] == sector]
            totals[sector] = len(rows)
            run_tables.replace_table(connection, run_schema.judged_table(sector), _judged(sector, rows, issues))
        run_tables.replace_table(connection, run_schema.RULE_RESULTS, _rule_results(issues, totals))


def change(run: Run, sql: str) -> None:
    """Spoil or alter the tables on purpose."""
    with run_tables.connect(run) as connection:
        connection.execute(sql)


def figures_of(run: Run) -> Figures:
    """What the report would say of the tables as they are."""
    with run_tables.connect(run) as connection:
        worklist.prepare(connection, schema.of_settings(run.settings))
        return figures(connection)


def _records(name: str) -> list[dict[str, Any]]:
    sector, sha, count = FILES[name]
    rows = []
    for number in range(count):
        province, commune = PLACES[number % len(PLACES)]
        status = STATUSES[(number + len(name)) % len(STATUSES)] if number else "wrong_information"
        rows.append(
            {
                "record_id": f"{sha[:12]}-1-{number + 2}",
                "sector": sector,
                "source_file": name,
                "sheet": "Sheet1" if name.endswith("xlsx") else "",
                "source_row": number + 2,
                "status": status,
                "full_name": NAMES[number % len(NAMES)],
                "id_number": None if status in {"missing_id", "bad_id_format"} else f"0790870{number:05d}",
                "id_number_raw": "79087 00123" if status == "bad_id_format" else None,
                "date_of_birth": ("1987-09-05", "2012-03", "1954", None)[number % 4],
                "date_of_birth_raw": "30/02/2011" if number % 4 == 3 else "05/09/1987",
                "sex": ("Nam", "Nữ")[number % 2],
                "province_code": province,
                "commune_code": commune,
                "tenant": f"{sector}-{province or '00'}",
                "school_name": "THCS Lê Lợi",
                "class_name": f"{6 + number % 4}A1",
                "employer": "Công ty TNHH Sao Mai",
                "unit": {"students": "THCS Lê Lợi", "insurance": "Công ty TNHH Sao Mai"}.get(sector),
                schema.load(sector).key: f"79{number:08d}",
            }
        )
    if name == "hs_q1.csv":
        rows[0] |= {"full_name": SECRET_NAME, "id_number": SECRET_ID}
        rows[1] |= {"full_name": '=HYPERLINK("http://x","Vũ")', "status": "wrong_information"}
    return rows


NOTE = '[{"code": "guessed_header", "message": "Cột «Ngày sihn» được hiểu là «Ngày sinh» / a header was guessed."}]'


def _files() -> pl.DataFrame:
    rows = [
        {
            "sector": sector, "source_file": name, "sheet": "Sheet1" if name.endswith("xlsx") else "", "sha256": sha,
            "bytes": 100 * count, "format": name.rpartition(".")[2], "encoding": "utf-8", "header_row": 1,
            "rows_counted": count + (2 if name == "hs_q3.csv" else 0), "rows_read": count,
            "rows_rejected": 2 if name == "hs_q3.csv" else 0, "refused": None, "message": None,
            "mapping": "[]", "unknown_columns": "[]", "arrived_as": name, "arrived_sha256": sha,
            "notes": NOTE if name == "hs_q3.csv" else "[]",
        }
        for name, (sector, sha, count) in FILES.items()
    ]  # fmt: skip
    rows.append(
        {
            **rows[0], "source_file": "danh_sach_loi.xlsx", "sheet": "Trang 1", "sha256": "e" * 64,
            "arrived_as": "danh_sach_loi.xlsx", "arrived_sha256": "e" * 64,
            "rows_counted": 0, "rows_read": 0, "refused": "missing_column",
            "message": "Thiếu cột bắt buộc «Ngày sinh»; thêm cột rồi nạp lại / the column is missing.",
        }
    )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _rejected() -> pl.DataFrame:
    rows = [
        ("students", "hs_q3.csv", "", 14, "cells", "Dòng có 9 ô, tiêu đề có 8 / the row has 9 cells."),
        ("students", "hs_q3.csv", "", 15, "cells", "Dòng có 3 ô, tiêu đề có 8 / the row has 3 cells."),
        ("students", "danh_sach_loi.xlsx", "Trang 1", None, "missing_column", "Thiếu cột bắt buộc «Ngày sinh»."),
    ]
    names = {"sector": pl.String, "source_file": pl.String, "sheet": pl.String, "source_row": pl.Int32,
             "code": pl.String, "message": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def _core(sector: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    own = [column.name for column in schema.load(sector).column]
    keys = ("record_id", "sector", "source_file", "sheet")
    names = [*keys, *CORE, *own, *(f"{name}_raw" for name in own)]
    types: dict[str, Any] = {
        **dict.fromkeys(names, pl.String),
        "source_row": pl.Int32,
        "birth_year": pl.Int16,
        "id_birth_year": pl.Int16,
    }
    full = [{name: row.get(name) for name in types} for row in rows]
    return pl.DataFrame(full, schema=types)


def _links(records: list[dict[str, Any]]) -> pl.DataFrame:
    undecided = {"not_found": "none", "ambiguous": "review", "unverifiable": "none", "missing_id": "review"}
    rows = [
        {
            **{name: record[name] for name in ("record_id", "sector", "source_file", "sheet", "source_row")},
            "person_id": None if record["status"] == "not_found" else f"0791870{index:05d}",
            "decision": undecided.get(record["status"], "link"),
            "status": "agreed" if record["status"] == "verified" else record["status"],
            "weight": 20.5 - index / 7,
            "probability": 0.99,
            "margin": 12.0,
            "reason": "Bốn thông tin khớp.",
            "differs": "date_of_birth,sex" if record["status"] == "wrong_information" else "",
            "held": {"ambiguous": "several_fit", "missing_id": "no number, not the whole date"}.get(record["status"]),
            "askable": False,
        }
        for index, record in enumerate(records)
    ]
    return pl.DataFrame(rows, schema_overrides={"source_row": pl.Int32}, infer_schema_length=None)


def _residences(records: list[dict[str, Any]]) -> pl.DataFrame:
    """All live where their records say."""
    found = pl.DataFrame({"record_id": [record["record_id"] for record in records]})
    return found.with_columns(pl.lit(None, pl.String).alias(name) for name in SCHEMA)


def _issues(records: list[dict[str, Any]]) -> pl.DataFrame:
    found: dict[str, list[tuple[str | None, ...]]] = {
        "missing_id": [("complete", "complete-id", "ID_MISSING", "id_number", None, "error")],
        "bad_id_format": [("correct", "correct-id", "ID_FORMAT", "id_number", "790*****123", "error")],
        "verified": [("correct", "correct-name-length", "NAME_LENGTH", "full_name", "P***", "warning")],
        "wrong_information": [
            ("correct", "correct-id-sex", "ID_SEX", "sex", "Nam", "error"),
            ("correct", "correct-id-birth", "ID_BIRTH_YEAR", "date_of_birth", "****", "error"),
        ],
    }
    rows = [
        {
            **{name: record[name] for name in ("record_id", "sector", "source_file", "source_row")},
            **dict(zip(("family", "rule_id", "issue", "column", "value", "severity"), finding, strict=True)),
        }
        for record in records
        for finding in found.get(record["status"], [])
    ]
    return pl.DataFrame(rows, schema_overrides={"source_row": pl.Int32}, infer_schema_length=None)


def _verifications(records: list[dict[str, Any]]) -> pl.DataFrame:
    asked = [record for record in records if record["status"] in {"verified", "agreed"}]
    rows = []
    for index, record in enumerate(asked):
        is_answered = record["status"] == "verified"
        rows.append(
            {
                **{name: record[name] for name in ("record_id", "sector", "tenant", "source_file", "source_row")},
                "person_id": f"0791870{index:05d}",
                "request_id": f"request-{index}",
                "state": "answered" if is_answered else "waiting",
                "result": "match" if is_answered else None,
                **dict.fromkeys(("id_flag", "name_flag", "birth_flag", "sex_flag"), "M" if is_answered else None),
                "asked_on": str(NIGHT) if is_answered else None,
                "asked_tonight": is_answered and index > 0,
                "reused": index == 0,
                "status": "verified" if is_answered else None,
                "decision": None,
            }
        )
    return pl.DataFrame(rows, schema_overrides={"source_row": pl.Int32}, infer_schema_length=None)


def _duplicates(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Each duplicate with the first record of its sector that is none."""
    rows = [
        (record["sector"], record["record_id"], next(
            other["record_id"] for other in records
            if other["sector"] == record["sector"] and other["status"] != "duplicate"
        ), "completest")
        for record in records if record["status"] == "duplicate"
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=run_schema.BY_NAME[run_schema.DUPLICATES].schema, orient="row")


def _asking() -> pl.DataFrame:
    row = {"cap": 200_000, "stopped_by": "empty", "since": None, "error": None}
    return pl.DataFrame([row], schema=run_schema.BY_NAME[run_schema.ASKING].schema)


RULES = (
    ("correct", "correct-id", "ID_FORMAT"),
    ("correct", "correct-name-length", "NAME_LENGTH"),
    ("correct", "correct-id-sex", "ID_SEX"),
    ("correct", "correct-id-birth", "ID_BIRTH_YEAR"),
    ("complete", "complete-id", "ID_MISSING"),
    ("clean", "clean-id-once", "ID_DUPLICATE"),
    ("live", "live-asked", "NOT_ASKED"),
)
"""Family, rule and kind of issue; each applies to every record, that of live to those of two sectors."""


def _rules_of(sector: str) -> list[tuple[str, str, str]]:
    return [rule for rule in RULES if (sector, rule[0]) != ("vaccination", "live")]


def _rule_results(issues: pl.DataFrame, totals: dict[str, int]) -> pl.DataFrame:
    failing = {(sector, rule): n for sector, rule, n in issues.group_by("sector", "rule_id").len().iter_rows()}
    rows = []
    for sector, total in sorted(totals.items()):
        for family, rule_id, issue in sorted(_rules_of(sector)):
            broken = failing.get((sector, rule_id), 0)
            rows.append((sector, family, rule_id, issue, total, broken, 1 - broken / total))
    return pl.DataFrame(rows, schema=run_schema.BY_NAME[run_schema.RULE_RESULTS].schema, orient="row")


def _judged(sector: str, rows: list[dict[str, Any]], issues: pl.DataFrame) -> pl.DataFrame:
    broken = set(issues.select("record_id", "rule_id").iter_rows())
    records = [row["record_id"] for row in rows]
    rules = [rule_id for _, rule_id, _ in _rules_of(sector)]
    said = {rule_id: [(record, rule_id) not in broken for record in records] for rule_id in rules}
    return pl.DataFrame({"record_id": records, **said})
