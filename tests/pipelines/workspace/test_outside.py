"""Libraries find no home and no settings beside the command, but what the environment names."""

import os
from pathlib import Path

import pytest

from pipelines.workspace import outside

OWN = str(Path(outside.__file__).parent)
NO_PROFILES = "/dev/null/profiles.toml"


@pytest.mark.parametrize(
    ("environment", "profiles", "home"),
    [
        ({"HOME": "/home/an"}, NO_PROFILES, OWN),
        ({}, NO_PROFILES, OWN),
        ({"HOME": "/home/an", "PREFECT_PROFILE": "cloud"}, "/home/an/.prefect/profiles.toml", "/home/an/.prefect"),
        ({"HOME": "/home/an", "PREFECT_HOME": "/srv/p"}, "/srv/p/profiles.toml", "/srv/p"),
        ({"PREFECT_PROFILES_PATH": "/srv/p.toml"}, "/srv/p.toml", OWN),
    ],
)
def test_the_environment_alone_names_prefects_profiles(environment: dict[str, str], profiles: str, home: str) -> None:
    for _ in range(2):  # the command line chooses, and the flow once more
        outside.leave(environment)
        assert environment["PREFECT_PROFILES_PATH"] == profiles
        assert environment["PREFECT_HOME"] == home
        assert environment["HOME"] == "/dev/null"


def test_a_relative_path_stays_what_it_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"PREFECT_HOME": "p"}
    outside.choose_profiles(environment)
    assert environment == {"PREFECT_HOME": f"{tmp_path}/p", "PREFECT_PROFILES_PATH": f"{tmp_path}/p/profiles.toml"}


@pytest.mark.parametrize(("named", "kept"), [({}, False), ({"PREFECT_API_URL": "https://prefect.vn/api"}, True)])
def test_proxies_count_for_a_server_of_others_only(named: dict[str, str], kept: bool) -> None:
    net = {"ALL_PROXY": "socks5://127.0.0.1:9", "SSL_CERT_FILE": "/nonexistent"}
    environment = {**net, **named}
    outside.leave(environment)
    assert (environment.items() >= net.items()) is kept


def test_a_library_in_the_block_sees_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").touch()
    with outside.elsewhere():
        assert not Path(".env").exists()
    assert Path.cwd() == tmp_path
    assert os.path.samefile(".", tmp_path)  # noqa: PTH121
