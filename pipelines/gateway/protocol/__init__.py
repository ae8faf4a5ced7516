"""The protocol of both ends of the gateway: questions, answers, signed messages."""
