"""Each question's state, from enqueued to answered."""
