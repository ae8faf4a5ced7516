"""Which gateway is asked, in whose name; what cannot be used is told before anything is sent."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.gateway.client import connect
from pipelines.gateway.protocol import secret
from tests.pipelines.verify.world import FIRST

THERE: dict[str, Any] = {"gateway_url": "http://127.0.0.1:1", "night": FIRST}

NAMES = [
    ("Sở Y tế", "letters that no header carries"),
    ("a\r\nX-Unit: b", "a header of its own"),
    (" a", "a space that is lost on the way"),
    ("", "nobody"),
]


@pytest.mark.parametrize("setting", ["gateway_unit", "gateway_officer"])
@pytest.mark.parametrize(("name", "why"), NAMES, ids=[row[1] for row in NAMES])
def test_names_that_do_not_arrive_as_they_were_sent(
    tmp_path: Path, setting: str, name: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(secret.VARIABLE, "not a secret, only a test's")
    settings = Settings(workspace=tmp_path, **THERE, **{setting: name})
    with pytest.raises(BadInput) as raised, connect.open_transport(settings):
        pass
    assert raised.value.code == "bad_sender", why


def test_a_gateway_elsewhere_needs_no_registry_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker on another machine has the state database's address and the gateway's, and nothing else."""
    monkeypatch.setenv(secret.VARIABLE, "not a secret, only a test's")
    with connect.open_transport(Settings(workspace=tmp_path, **THERE)):
        pass
    with pytest.raises(BadInput) as raised, connect.open_transport(Settings(workspace=tmp_path, night=FIRST)):
        pass
    assert raised.value.code == "no_registry"
