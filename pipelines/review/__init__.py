"""People decide: the record that is meant, why it is what it is, a decision about it."""
