"""Computes the hashes of an append-only Merkle tree: roots, and proofs that an entry is in the tree.

A tree over n entries is its perfect subtrees, the largest first; the tree grows by an entry in O(log n).
Source: RFC 6962, section 2.1.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256(b"").digest()
"""Root of the tree that has no entry."""
HASH_BYTES = len(EMPTY)
_MOST = 1 << 14
"""Most entries whose hashes are worked out together: 2 MB of them are held."""


def leaf_hash(line: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + line).digest()


def leaf_hashes(lines: Iterable[str]) -> list[bytes]:
    """The hash of each of many entries."""
    return [hashlib.sha256(b"\x00" + line.encode()).digest() for line in lines]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """A growing tree, known by its size and its perfect subtrees."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)
    """Hashes of the perfect subtrees, the largest first: one for each bit of the size that is set."""

    def add(self, leaf: bytes) -> bytes:
        """The hash of the largest perfect subtree that ends at the new entry, given as its hash."""
        return self._append(leaf, 0)

    def extend(self, leaves: Sequence[bytes]) -> list[bytes]:
        """The hash that `add` gives for each of many new entries: the same tree, worked out level by level."""
        ends: list[bytes] = []
        while len(ends) < len(leaves):
            # The largest perfect subtree that may begin here and is full.
            fits = min(self.size & -self.size or _MOST, _MOST)
            height = min(fits, len(leaves) - len(ends)).bit_length() - 1
            levels = _levels(leaves[len(ends) : len(ends) + (1 << height)])
            found = [b""] * (1 << height)
            for level, hashes in enumerate(levels):
                found[(1 << level) - 1 :: 2 << level] = hashes[::2]
            found[-1] = self._append(levels[-1][0], height)
            ends += found
        return ends

    def _append(self, subtree: bytes, height: int) -> bytes:
        """The same for a perfect subtree of 2**height new entries; as many divide the size."""
        pairs = self.size >> height
        while pairs & 1:
            subtree = node_hash(self.peaks.pop(), subtree)
            pairs >>= 1
        self.peaks.append(subtree)
        self.size += 1 << height
        return subtree

    def root(self) -> bytes:
        """The hash of the whole tree."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The hashes of a perfect tree over these entries: of the entries, of each two, of each four and so on."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(
            [
                hashlib.sha256(b"\x01" + left + right).digest()
                for left, right in zip(below[::2], below[1::2], strict=True)
            ]
        )
    return levels


def ends_of_peaks(size: int) -> list[int]:
    """The numbers, from 1, of the entries with which the perfect subtrees of a tree end, the largest subtree first."""
    ends = []
    while size:
        ends.append(size)
        size &= size - 1
    return ends[::-1]


def inclusion_proof(leaves: Sequence[bytes], entry: int) -> list[bytes]:
    """The hashes that lead from one entry to the root, nearest first. Shape: `entry` counts from 1."""
    proof, row, at = [], list(leaves), entry - 1
    while len(row) > 1:
        if at ^ 1 < len(row):
            proof.append(row[at ^ 1])
        row = [node_hash(*row[i : i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
        at >>= 1
    return proof


def root_by_proof(line: bytes, entry: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to; None if it has not as many hashes as it needs."""
    root, at, last, left = leaf_hash(line), entry - 1, size - 1, list(proof)
    while last:
        if at & 1 or at < last:
            if not left:
                return None
            other = left.pop(0)
            root = node_hash(other, root) if at & 1 else node_hash(root, other)
        at, last = at >> 1, last >> 1
    return None if left else root
