"""Who is who: each record's person in the registry, with the weight of the evidence and the reason."""

from matching.linkage import COLUMNS, Linkage, LinkOptions, link, linkage
from matching.model import ModelError

__all__ = ["COLUMNS", "LinkOptions", "Linkage", "ModelError", "link", "linkage"]
