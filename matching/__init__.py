"""Record linkage: each record's person in the registry, with the weight of the evidence and the reason."""

from matching.model import ModelError
from matching.stages import COLUMNS, Linkage, LinkOptions, link, linkage

__all__ = ["COLUMNS", "LinkOptions", "Linkage", "ModelError", "link", "linkage"]
