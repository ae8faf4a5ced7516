"""One worker's asking: a turn, its messages, its pace, what is sent again."""
