"""Runs a rule on DuckDB as a Great Expectations expectation: the datasource, the metric that counts, the expectation.

GX ships no DuckDB source and its SQL source reads results after the connection has closed; here one connection
stays open (docs/decisions/006). The count is one scan a rule, so that a broken rule is named.
"""

import atexit
import builtins
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation, render_suite_parameter_string
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.render.components import (
    LegacyDiagnosticRendererType,
    LegacyRendererType,
    RenderedStringTemplateContent,
)
from great_expectations.render.renderer.renderer import renderer
from sqlalchemy import Connection


def _leave_quietly() -> None:
    """Nothing more reaches the terminal: Python code has had its say when this runs.

    With GX and duckdb-sqlalchemy loaded together, duckdb's binding writes 40 lines about leaked types at exit.
    """
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)


atexit.register(_leave_quietly)


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """GX's SQL engine over one connection that stays open until `close`."""

    @contextmanager
    def get_connection(self) -> Generator[Connection, None, None]:
        """The one connection, opened at the first call."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def close(self) -> None:
        """Closes the database file."""
        super().close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.engine.dispose()


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file as a GX datasource."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine that keeps its connection."""
        return DuckDBExecutionEngine


class RecordsTally(TableMetricProvider):
    """Metric: how many records a rule applies to, and how many of them break it."""

    metric_name = "records.tally"
    value_keys = ("applicable", "failing")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, int]:
        batch, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        applicable, failing = metric_value_kwargs["applicable"], metric_value_kwargs["failing"]
        # Sent as it stands: SQLAlchemy's text() would take a colon in a pattern for a parameter.
        statement = (
            f"SELECT count(*) FILTER ({applicable}), count(*) FILTER (({applicable}) AND ({failing})) "
            f"FROM ({batch.compile(execution_engine.engine)}) AS batch"
        )
        with execution_engine.get_connection() as connection:
            row = connection.exec_driver_sql(statement).one()
        return {"applicable": int(row[0]), "failing": int(row[1])}


class RecordsFollowRule(BatchExpectation):
    """Expectation: at least the share `mostly` of the records that a rule applies to follows it."""

    rule_id: str
    column: str
    applicable: str
    failing: str
    mostly: float = 1.0
    message: str = ""
    source: str = ""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("records.tally",)
    success_keys: ClassVar[tuple[str, ...]] = ("applicable", "failing", "mostly")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        tally = metrics["records.tally"]
        followed = tally["applicable"] - tally["failing"]
        # Whole numbers: a share of 0.95 exactly must not hang on a rounding of floats.
        success = followed >= self.mostly * tally["applicable"] - 1e-9
        return {"success": success, "result": {"observed_value": followed, **tally}}

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    @render_suite_parameter_string
    def _prescriptive_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None, **_: Any
    ) -> list[RenderedStringTemplateContent]:
        asked = configuration.kwargs
        return [
            _sentence(
                "$rule_id: $message — ít nhất / at least $mostly. $source",
                rule_id=asked["rule_id"],
                message=asked["message"],
                mostly=f"{asked.get('mostly', 1.0):.1%}",
                source=asked["source"],
            )
        ]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None, **_: Any
    ) -> str:
        tally = result.result
        if not tally.get("applicable"):
            return "không áp dụng / not applicable"
        share = tally["failing"] / tally["applicable"]
        return f"{tally['failing']:,} / {tally['applicable']:,} sai / failing ({share:.2%})"


def _sentence(template: str, **params: str) -> RenderedStringTemplateContent:
    return RenderedStringTemplateContent(
        content_block_type="string_template", string_template={"template": template, "params": params}
    )
