"""The far end of the line: a registry's gateway to work and to test against, and the messages that both ends speak."""
