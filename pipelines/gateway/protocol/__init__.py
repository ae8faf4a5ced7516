"""What both ends of the gateway say to each other: questions, answers, signed messages."""
