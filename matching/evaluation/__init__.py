"""Measures links against known truth: precision and recall with intervals, calibration, ranking, blocking."""
