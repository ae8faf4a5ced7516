"""People who do not exist: a registry and the dirty sector files that describe them, with the truth beside.

`make` is the way in; everything that it draws follows from the seed.
"""

from pipelines.synthetic.make import make
from pipelines.synthetic.requests import SectorRequest, parse_sectors

__all__ = ["SectorRequest", "make", "parse_sectors"]
