"""Quality rules: four families in four tables, run by Great Expectations on DuckDB."""

import os

# Read by Great Expectations when it is imported, which only happens below this package.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
