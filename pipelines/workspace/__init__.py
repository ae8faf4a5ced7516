"""Keeps everything of a workspace: a run's tables and files, the state database, the lock."""
