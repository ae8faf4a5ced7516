"""What an auditor takes away: `runs/<run_id>/audit/`, a page, tables to be added up, lineage, a sample."""
