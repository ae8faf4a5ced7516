"""Hand-made files as departments send them: what each is, what must be read of it, and what rejected."""
