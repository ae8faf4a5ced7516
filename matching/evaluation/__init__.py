"""How right links are where the truth is known: shares with their intervals, calibration, ranking, blocking."""
