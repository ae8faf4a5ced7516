"""The simulator of the far end: a gateway to work and test against, with faults on purpose."""
