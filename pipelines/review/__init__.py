"""People decide: finds a record, explains its link, stores a decision about it."""
