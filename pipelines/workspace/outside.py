"""Keeps libraries from reading anything outside of the workspace that the officer did not name.

Prefect reads `~/.prefect`, and `.env`, `prefect.toml` and `pyproject.toml` of whatever folder the night was started in;
others look for settings and caches in the home. Here only the environment counts, which somebody set for this command.
"""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

NOWHERE = "/dev/null"
"""Path of a home in which nothing can be, and nothing can be made."""
OF_A_HOME = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
SERVER_NAMED_BY = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH", "PREFECT_HOME")
OF_THE_NET = (
    *("all_proxy", "http_proxy", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)
"""Environment variables on how to reach others; errors there must not stop a server of our own on this machine."""


def leave(environment: MutableMapping[str, str]) -> None:
    """Takes the home away from libraries; of Prefect's profiles only those that the environment names remain."""
    choose_profiles(environment)
    environment["HOME"] = NOWHERE
    for name in OF_A_HOME:
        environment.pop(name, None)


def choose_profiles(environment: MutableMapping[str, str]) -> None:
    """Sets Prefect's profiles and home to what the environment says, else nowhere; to be called before Prefect's
    import.

    Where the environment names neither a server nor a profile, it names no proxy and no certificates either.
    """
    if not any(environment.get(name) for name in SERVER_NAMED_BY):
        for name in OF_THE_NET:
            environment.pop(name, None)
    home = environment.get("PREFECT_HOME")
    if not home and environment.get("PREFECT_PROFILE"):
        home = os.path.join(environment.get("HOME") or NOWHERE, ".prefect")  # noqa: PTH118 — a home may be unreadable
    profiles = environment.get("PREFECT_PROFILES_PATH") or f"{home or NOWHERE}/profiles.toml"
    environment["PREFECT_PROFILES_PATH"] = os.path.abspath(profiles)  # noqa: PTH100 — Path reads links on its way
    if not home:
        # A folder that exists, so that the import makes none; a run moves it into its workspace.
        environment["PREFECT_HOME"] = str(Path(__file__).parent)
    else:
        environment["PREFECT_HOME"] = os.path.abspath(home)  # noqa: PTH100


@contextmanager
def elsewhere() -> Iterator[None]:
    """Runs the block in a folder of the program's own, not in the one in which the command was given."""
    here = os.open(".", os.O_PATH | os.O_DIRECTORY)
    os.chdir(Path(__file__).parent)
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)
