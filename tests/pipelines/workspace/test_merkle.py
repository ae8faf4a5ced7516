"""The tree of RFC 6962: its known roots, growth entry by entry, and proofs that lead to the root or to nothing."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.workspace import merkle

# The entries and roots of the reference implementation's tests (google/certificate-transparency, merkle_tree_test).
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_roots_of_the_reference() -> None:
    tree = merkle.Tree()
    assert tree.root() == hashlib.sha256(b"").digest()
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        tree.add(merkle.leaf_hash(entry))
        assert tree.root().hex() == root


def test_a_perfect_subtree_ends_where_the_number_says() -> None:
    assert merkle.ends_of_peaks(0) == []
    assert merkle.ends_of_peaks(8) == [8]
    assert merkle.ends_of_peaks(7) == [4, 6, 7], "four, two and one"
    assert merkle.ends_of_peaks(22) == [16, 20, 22]


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_a_tree_goes_on_from_the_subtrees_that_were_stored(lines: list[bytes]) -> None:
    stored: list[bytes] = []
    for line in lines:
        peaks = [stored[end - 1] for end in merkle.ends_of_peaks(len(stored))]
        tree = merkle.Tree(len(stored), peaks)
        stored.append(tree.add(merkle.leaf_hash(line)))
    whole = merkle.Tree()
    assert [whole.add(merkle.leaf_hash(line)) for line in lines] == stored


@given(st.lists(st.integers(0, 300), max_size=6))
def test_many_entries_at_once_make_the_tree_of_one_after_another(sizes: list[int]) -> None:
    leaves = merkle.leaf_hashes(str(number) for number in range(sum(sizes)))
    one, many = merkle.Tree(), merkle.Tree()
    for size in sizes:
        part, leaves = leaves[:size], leaves[size:]
        assert many.extend(part) == [one.add(leaf) for leaf in part]
    assert (many.size, many.peaks) == (one.size, one.peaks)


def test_more_entries_than_are_worked_out_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "_MOST", 8)
    leaves = merkle.leaf_hashes(str(number) for number in range(45))
    one, many = merkle.Tree(), merkle.Tree()
    assert many.extend(leaves) == [one.add(leaf) for leaf in leaves]
    assert many.root() == one.root()


@given(st.integers(1, 70), st.data())
def test_a_proof_leads_to_the_root_and_only_for_its_entry(size: int, data: st.DataObject) -> None:
    lines = [str(number).encode() for number in range(size)]
    tree = merkle.Tree()
    for line in lines:
        tree.add(merkle.leaf_hash(line))
    entry = data.draw(st.integers(1, size))
    proof = merkle.inclusion_proof([merkle.leaf_hash(line) for line in lines], entry)
    assert merkle.root_by_proof(lines[entry - 1], entry, size, proof) == tree.root()
    assert merkle.root_by_proof(b"another", entry, size, proof) != tree.root()
    assert merkle.root_by_proof(lines[entry - 1], entry, size, [*proof, proof[0] if proof else b""]) is None
    if proof:
        assert merkle.root_by_proof(lines[entry - 1], entry, size, proof[1:]) != tree.root()


def test_a_proof_of_a_million_entries_has_twenty_hashes() -> None:
    leaves = [merkle.leaf_hash(str(number).encode()) for number in range(1_000)]
    assert max(len(merkle.inclusion_proof(leaves, entry)) for entry in (1, 500, 1_000)) == 10
    assert 32 * (1_000_000 - 1).bit_length() == 640, "bytes"
