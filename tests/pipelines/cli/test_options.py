"""Settings from options, the environment and the workspace's file."""

from pathlib import Path

import pytest

from pipelines.cli import options
from pipelines.errors import BadInput


def test_the_environment_names_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options.settings(Path("w")).gateway_url is None, "embedded, if nothing is said"
    monkeypatch.setenv("SACHSONG_GATEWAY_URL", "https://cong.example.vn")
    monkeypatch.setenv("SACHSONG_GATEWAY_UNIT", "H29")
    monkeypatch.setenv("SACHSONG_GATEWAY_SECRET_FILE", "/etc/sachsong/secret")
    made = options.settings(Path("w"), daily_cap=7)
    assert (made.gateway_url, made.gateway_unit, made.daily_cap) == ("https://cong.example.vn", "H29", 7)
    assert made.gateway_secret_file == Path("/etc/sachsong/secret")
    monkeypatch.setenv("SACHSONG_GATEWAY_UNIT", "")
    assert options.settings(Path("w")).gateway_unit == "sachsong", "set to nothing is not set"


def test_a_setting_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACHSONG_GATEWAY_UNIT", "x" * 36)
    with pytest.raises(BadInput, match="SACHSONG_GATEWAY_UNIT"):
        options.settings(Path("w"))


@pytest.mark.parametrize(
    ("arguments", "environment", "found"),
    [
        (["queue", "status", "-w", "a"], {}, "a"),
        (["nightly", "--workspace=b"], {"SACHSONG_WORKSPACE": "c"}, "b"),
        (["nightly", "--workspace"], {"SACHSONG_WORKSPACE": "c"}, "c"),
        (["nightly"], {}, "workspace"),
    ],
)
def test_the_workspace_is_found_before_the_command_is_read(
    arguments: list[str], environment: dict[str, str], found: str
) -> None:
    assert options.workspace_in(arguments, environment) == Path(found)
