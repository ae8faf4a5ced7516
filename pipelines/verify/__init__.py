"""Asking the registry's gateway within tonight's places: queue, ledger, shares, worker, gateway."""
