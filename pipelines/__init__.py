"""Moving data: read → standardise → check → link → verify → check (live) → report."""
