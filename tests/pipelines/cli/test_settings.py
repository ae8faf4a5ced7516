"""`sachsong settings` and `sachsong doctor`, as they are typed."""

import json
from pathlib import Path

import pytest

from pipelines.workspace import settings_sources
from tests.pipelines.nights import REGISTRY
from tests.pipelines.terminal import Sachsong, marked


def test_each_value_is_told_with_its_origin_and_no_secret(
    tmp_path: Path, sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / settings_sources.FILE).write_text("daily_cap = 150000\n", encoding="utf-8")
    monkeypatch.setenv("SACHSONG_GATEWAY_SECRET", "sixteen letters or more")
    monkeypatch.setenv("SACHSONG_STATE_URL", "postgresql://an" + ":matkhau@may/ten")
    code, out, _ = sachsong("settings", "-w", tmp_path, "--json")
    told = json.loads(out)
    assert (code, told["file_exists"]) == (0, True)
    assert told["settings"]["daily_cap"] == {"value": 150_000, "from": "file", "place": "sachsong.toml:1"}
    assert told["settings"]["gateway_secret"]["value"] == "***"
    assert told["settings"]["inbox"]["value"] == str(tmp_path / "inbox")
    for shown in (out, sachsong("settings", "-w", tmp_path)[1]):
        assert "postgresql://an" + ":***@may/ten" in shown
        assert "matkhau" not in shown
        assert "sixteen" not in shown


def test_the_example_is_a_file_that_changes_nothing(tmp_path: Path, sachsong: Sachsong) -> None:
    out = sachsong("settings", "--example")[1]
    (tmp_path / settings_sources.FILE).write_text(out, encoding="utf-8")
    told = json.loads(sachsong("settings", "-w", tmp_path, "--json")[1])["settings"]
    assert {row["from"] for row in told.values()} == {"default", "environment"}, "SACHSONG_LANG is the tests'"


def test_the_files_language_is_the_terminals(
    tmp_path: Path, sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SACHSONG_LANG")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert not marked(sachsong("settings", "-w", tmp_path)[1])
    (tmp_path / settings_sources.FILE).write_text('lang = "vi"\n', encoding="utf-8")
    assert "Giá trị" in sachsong("settings", "-w", tmp_path)[1]


def test_the_doctor_names_each_fault_with_its_remedy_and_makes_nothing(tmp_path: Path, sachsong: Sachsong) -> None:
    code, out, _ = sachsong("doctor", "-w", tmp_path / "w", "--json")
    found = {each["check"]: each for each in json.loads(out)}
    assert (code, found["registry"]["grade"], found["inbox"]["grade"]) == (1, "fault", "warning")
    assert not (tmp_path / "w").exists()
    assert all(each["remedy"] for each in found.values() if each["grade"] == "warning")
    shown = sachsong("doctor", "-w", tmp_path / "w")[1]
    assert "sachsong registry load" in shown
    assert not marked(shown)


def test_the_doctor_is_content_once_all_is_there(tmp_path: Path, sachsong: Sachsong) -> None:
    (tmp_path / "dan_cu.csv").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / settings_sources.FILE).write_text('registry = "dan_cu.csv"\nmemory_mb = 300\n', encoding="utf-8")
    assert sachsong("registry", "load", "-w", tmp_path)[0] == 0, "the file that the settings name"
    (tmp_path / "inbox" / "students").mkdir(parents=True)
    code, out, _ = sachsong("doctor", "-w", tmp_path)
    assert (code, "✗" in out) == (0, False), out


def test_a_wrong_setting_is_one_of_the_doctors_findings(tmp_path: Path, sachsong: Sachsong) -> None:
    (tmp_path / settings_sources.FILE).write_text("cap = 5\n", encoding="utf-8")
    code, out, _ = sachsong("doctor", "-w", tmp_path)
    assert code == 1
    assert "no such setting" in out
