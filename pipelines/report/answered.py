"""Says what became of the answers that departments sent back, as tonight's records show it."""

import duckdb
import polars as pl

from pipelines.config import Settings
from pipelines.sectors.schema import Sector
from pipelines.workspace import issued_lists, run_schema, run_tables


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fills the connection's temporary table `answered`: the columns of `issued_lists.ANSWERED` and `told`, a sentence
    for the list of a record that stands as it stood.
    """
    connection.register("answers_given", issued_lists.answered(settings).to_arrow())
    connection.execute(_ANSWERED)
    connection.unregister("answers_given")


def standing(connection: duckdb.DuckDBPyConnection, sector: Sector) -> pl.DataFrame:
    """Answers by what became of them: `recipient, standing` (`mended open third refused`)`, records`.

    An answer is `mended` where the record it was about is on no list any more, nor another of the same code. The
    temporary table `listed` must be the sector's.
    """
    core = run_schema.core_table(sector.name)
    return run_tables.query(
        connection, _STANDING.format(core=core, key=run_schema.identifier(sector.key)), {"sector": sector.name}
    )


_ANSWERED = """
CREATE OR REPLACE TEMP TABLE answered AS
SELECT *, '• Đã trả lời ở danh sách đêm ' || array_to_string(list_reverse(string_split(night, '-')), '/')
          || CASE WHEN outcome = 'refused' THEN ' nhưng không nhận được; hãy xem bản trả về rồi trả lời lại.'
                  WHEN outcome = 'third' THEN ': hai người trả lời khác nhau, cần người thứ ba trả lời.'
                  WHEN said = 'mended' THEN ' «Đã sửa» nhưng tệp gửi đến vẫn như cũ.'
                  WHEN said = 'cannot' THEN ' «Không sửa được».'
                  WHEN said = 'same' THEN ' «Đúng người này».' ELSE ' «Không phải người này».' END AS told
FROM answers_given
QUALIFY row_number() OVER (PARTITION BY sector, content ORDER BY night DESC, outcome, recipient) = 1
"""

_STANDING = """
WITH wrong AS (
    SELECT DISTINCT sha256($sector || '|' || core.{key}) AS key FROM listed JOIN {core} AS core USING (record_id)
    WHERE core.{key} IS NOT NULL
)
SELECT recipient, standing, count(*)::BIGINT AS records FROM (
    SELECT answered.recipient,
           CASE WHEN answered.content NOT IN (SELECT content FROM listed)
                     AND coalesce(answered.key NOT IN (SELECT key FROM wrong), true) THEN 'mended'
                WHEN answered.outcome IN ('refused', 'third') THEN answered.outcome ELSE 'open' END AS standing
    FROM answered WHERE answered.sector = $sector
) GROUP BY ALL ORDER BY ALL
"""
