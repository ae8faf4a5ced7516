"""Where things are kept: a run's tables and files, the state database, the lock. Knows no sector and no hop."""
