"""Where a setting comes from, and what is told of a wrong one."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace import settings_sources
from pipelines.workspace.settings_sources import Origin, Source, completed, gathered

FILE = """# of this office
daily_cap = 150000
inbox = "den"   # from the file's own folder
gateway_unit = "H29"
lang = "en"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / settings_sources.FILE).write_text(FILE, encoding="utf-8")
    return tmp_path


def test_the_command_goes_before_the_environment_before_the_file_before_the_default(workspace: Path) -> None:
    environment = {"SACHSONG_GATEWAY_UNIT": "H30", "SACHSONG_DAILY_CAP": "8", "SACHSONG_INBOX": "", "PATH": "/bin"}
    found = gathered(workspace, {"daily_cap": 7}, environment)
    made = found.settings
    assert (made.daily_cap, made.gateway_unit, made.inbox, made.kept_tables) == (7, "H30", workspace / "den", 7)
    assert {name: found.origins[name] for name in ("daily_cap", "gateway_unit", "inbox", "kept_tables")} == {
        "daily_cap": Origin(Source.command, "--daily-cap"),
        "gateway_unit": Origin(Source.environment, "SACHSONG_GATEWAY_UNIT"),
        "inbox": Origin(Source.file, "sachsong.toml:3"),  # an empty variable is not set
        "kept_tables": Origin(Source.default, ""),
    }


def test_only_what_was_typed_counts_as_named_for_a_run_of_before(workspace: Path) -> None:
    """`report --again` keeps the night's cap, whatever the file says meanwhile."""
    assert gathered(workspace, {"threads": 1}, {}).settings.model_fields_set == {"workspace", "threads"}


def test_a_deployments_settings_are_completed_by_the_file(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACHSONG_LANG", "vi")
    given = Settings(workspace=workspace, night=date(2026, 11, 22), gateway_unit="H31")
    made = completed(given)
    assert (made.daily_cap, made.gateway_unit, made.night) == (150_000, "H31", date(2026, 11, 22))
    assert completed(made) == made


def test_paths_of_the_file_may_be_absolute_and_windows_may_have_written_it(tmp_path: Path) -> None:
    text = 'inbox = "/srv/den"\r\ndaily_cap = 5\r\n'
    (tmp_path / settings_sources.FILE).write_bytes(b"\xef\xbb\xbf" + text.encode())
    made = gathered(tmp_path, {}, {}).settings
    assert (made.inbox, made.daily_cap) == (Path("/srv/den"), 5)


WRONG = """daily_cap = "many"
threads = true
dayly_cap = 5
night = 2026-11-22
state_url = "postgresql://an%smay/sachsong"
inbox = 7
kept_tables = 0
lang = "fr"
[gateway]
unit = "H29"
""".replace("%s", ":matkhau" + "@")


def test_all_faults_are_told_together_each_with_its_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / settings_sources.FILE).write_text(WRONG, encoding="utf-8")
    environment = {"SACHSONG_GATEWAY": "https://cong.example.vn", "SACHSONG_MEMORY_MB": "12", "SACHSONG_NIGHT": "x"}
    with pytest.raises(BadInput) as raised:
        gathered(tmp_path, {"gateway_unit": "x" * 36}, environment)
    said = str(raised.value)
    assert "matkhau" not in said
    told = said.partition(" / ")[2].replace(f"«{tmp_path / settings_sources.FILE}»", "")
    assert told.splitlines()[1:] == [
        "  :1, daily_cap: must be a number without quotes, not «many».",
        "  :2, threads: must be a number without quotes, not «True».",
        "  :3, dayly_cap: no such setting, did you mean daily_cap?",
        "  :4, night: cannot be set once: name it with each command.",
        "  :5, state_url: no password may stand in this file: put it into a PGPASSFILE, "
        "or the whole address into SACHSONG_STATE_URL.",
        "  :9, gateway: no such setting, did you mean gateway_url?",
        "  SACHSONG_GATEWAY: no such setting, did you mean SACHSONG_GATEWAY_URL?",
        "  SACHSONG_NIGHT: cannot be set once: name it with each command.",
        '  :6, inbox: must be a path in "".',
        "  :7, kept_tables: must be 1 or more.",
        "  :8, lang: choose one of 'vi' or 'en'.",
        "  SACHSONG_MEMORY_MB: must be 256 or more.",
        "  --gateway-unit: has at most 35 characters.",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"daily_cap 5", "line 1"),
        ("daily_cap = 5 # hạn".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_one_fault(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / settings_sources.FILE).write_bytes(content)
    with pytest.raises(BadInput, match=told):
        gathered(tmp_path, {}, {})


def test_every_setting_but_those_of_one_night_can_be_set_and_has_an_example_that_is_right(tmp_path: Path) -> None:
    assert set(settings_sources.settable()) == set(Settings.model_fields) - set(settings_sources.EACH_TIME)
    lines = [f"{name} = {row['like']}" for name, row in settings_sources.settable().items()]
    (tmp_path / settings_sources.FILE).write_text("\n".join(lines), encoding="utf-8")
    assert gathered(tmp_path, {}, {}).settings.memory_mb == 3_000


def test_the_terminals_language_is_read_without_judging_the_file(workspace: Path, tmp_path: Path) -> None:
    assert settings_sources.language(workspace) == "en"
    (workspace / settings_sources.FILE).write_text("lang = 'vi'\nnonsense", encoding="utf-8")
    assert settings_sources.language(workspace) == "vi"
    assert settings_sources.language(tmp_path / "none") is None


def test_a_password_is_never_shown() -> None:
    assert settings_sources.masked("postgresql://an" + ":matkhau@may/ten") == "postgresql://an" + ":***@may/ten"
    assert settings_sources.masked("postgresql://may/ten") == "postgresql://may/ten"
    assert settings_sources.masked(5) == 5
