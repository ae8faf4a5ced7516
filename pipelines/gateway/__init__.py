"""The registry's gateway: a client, a simulator of the far end, and the protocol that both speak."""
