"""What the officer reads of counts: each by its name."""

from collections.abc import Mapping
from typing import Any

import pytest

from pipelines.cli.show import counts as shown
from pipelines.night import hops


def test_every_hop_has_its_names() -> None:
    import tomllib

    named = tomllib.loads(shown.COUNTED.read_text(encoding="utf-8"))
    assert {hop.name for hop in hops.HOPS} <= set(named)


def test_what_has_no_name_is_told_as_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Mapping[str, Any] = {"people": 1234567, "by_province": {"01": 5, "—": 1}, "unheard_of": 2}
    shown.show_counts("registry info", counts, as_json=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "people 1.234.567" in lines
    assert "by province Hà Nội 5 · — 1" in lines
    assert "unheard_of 2" in lines
