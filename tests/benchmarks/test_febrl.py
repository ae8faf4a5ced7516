"""FEBRL 4 as a foreign sector: only where `make peers` has put it."""

from pathlib import Path

import pytest

from benchmarks import febrl


@pytest.mark.skipif(not febrl.PEERS.is_dir(), reason="FEBRL 4 is not installed: make peers")
def test_febrl_by_number_name_and_date(tmp_path: Path) -> None:
    originals, duplicates = febrl.files()
    febrl.write(tmp_path / "originals.csv", originals)
    febrl.write(tmp_path / "duplicates.csv", duplicates)
    _, links, pairs, _ = febrl.ours(tmp_path, threads=2)
    truth = febrl.truth_of(tmp_path)
    automatic = febrl.shares(links.filter(decision="link"), truth)
    assert automatic["precision"] == 1.0
    assert automatic["recall"] >= 0.98
    assert febrl.judged(pairs, truth, febrl.places_of(tmp_path))["best_f1"] >= 0.9990
    assert febrl.every_pair(pairs, truth) >= 0.997
