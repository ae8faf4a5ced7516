"""The queue: each question's state, from enqueued to answered."""
