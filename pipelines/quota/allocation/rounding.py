"""Rounds exact fractions to whole places: down, and what is left over by largest remainder."""

import numpy as np

from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.allocation.policies import Ideal


def rounded(exact: Ideal, turn: Whole) -> Whole:
    """Whole places with the same sum, each less than one place from the ideal; equal remainders by turn.

    Tenants that the aged places reach are rounded as a group of their own that loses nothing to the others:
    otherwise rounding could take a place from the oldest records, and the waiting bound would not hold.
    """
    places = exact.total // exact.scale
    remainder = exact.total % exact.scale
    whole = int(exact.total.sum()) // exact.scale
    beyond = np.flatnonzero(exact.beyond)
    others = np.flatnonzero(~exact.beyond)
    for_beyond = int(exact.total[beyond].sum()) // exact.scale
    for group, total in ((beyond, for_beyond), (others, whole - for_beyond)):
        left_over = total - int(places[group].sum())
        first = sorted(group.tolist(), key=lambda tenant: (-remainder[tenant], turn[tenant]))
        places[first[:left_over]] += 1
    return places.astype(np.int64)


def turns(tenants: int, day: int) -> Whole:
    """Each tenant's turn for a left-over place: the list of names, begun one further each day."""
    return (np.arange(tenants) - day % max(tenants, 1)) % max(tenants, 1)
