"""One language at a time: help of every verb, usage errors, and what chooses the language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from pipelines.cli import language
from pipelines.cli.app import app
from tests.pipelines.terminal import Sachsong, marked

ENGLISH = re.compile(r"\b(the|of|and|default|required|usage|options|commands|show|this|or|of|which|last)\b", re.I)
NAMES = re.compile(r"<[^>]*>|--?[\w-]+|\b[\w.]*[._][\w.]+\b|[A-Z_]{4,}")
"""What is typed as it is in both languages."""
MANY = re.compile(r"\[(?:ARGS|THAM SỐ|\w+)\]\.\.\.|^  \w+\.\.\. ", re.MULTILINE)
"""Arguments that may be given several times."""


@pytest.fixture(autouse=True)
def no_language_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SACHSONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def verbs(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from verbs(each, (*path, name))


PATHS = sorted(verbs(typer.main.get_command(app)))
VERBS = re.compile(rf"\b(?:{'|'.join(sorted({verb for path in PATHS for verb in path}))})\b")


def test_all_verbs_are_walked() -> None:
    assert {("queue", "cap"), ("registry", "make"), ("audit", "verify"), ("nightly",), ("live",)} <= set(PATHS)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_is_in_one_language_and_whole(sachsong: Sachsong, path: tuple[str, ...]) -> None:
    for chosen, usage in (("vi", "Cách dùng:"), ("en", "Usage:")):
        code, out, _ = sachsong(*path, "--help", "--lang", chosen)
        assert (code, out.startswith(usage)) == (0, True)
        assert " / " not in " ".join(out.split())
        assert "..." not in MANY.sub("", out)
        assert "…" not in out
        assert max(map(len, out.splitlines())) <= 80
        if chosen == "en":
            assert marked(out) == []
        else:
            assert ENGLISH.findall(VERBS.sub("", NAMES.sub("", out))) == []


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_option_and_argument_is_explained_in_both(path: tuple[str, ...]) -> None:
    command: object = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]
    own = ("help", "install_completion", "show_completion")
    texts = [command.help] + [each.help for each in command.params if each.name not in own]  # type: ignore[attr-defined]
    for text in texts:
        assert len(language.SEPARATOR.split(text or "")) == 2, text


USAGE = [
    ("evaluate", "Thiếu tùy chọn «--truth»", "Missing option «--truth»"),
    ("queue cap", "Thiếu tham số «cap»", "Missing argument «cap»"),
    ("queue cap -5 --by a --reason b", "cap: phải từ 0 trở lên", "cap: must be 0 or more"),
    ("queue cap --by a --reason b -5", "cap: phải từ 0 trở lên", "cap: must be 0 or more"),
    ("queue cap 5 --workspce x", "Không có tùy chọn «--workspce»; có phải là --workspace?", "did you mean --workspace"),
    ("queue cap 5 -x", "Không có tùy chọn «-x»", "No such option «-x»"),
    ("nightlyy", "Không có lệnh «nightlyy»; có phải là nightly?", "did you mean nightly?"),
    ("zzzz", "Không có lệnh «zzzz».", "No such command «zzzz»."),
    ("queue stats", "có phải là status?", "did you mean status?"),
    ("nightly --cap x", "--cap: phải là một số nguyên", "--cap: must be a whole number"),
    ("nightly --cap -1", "--cap: phải từ 0 trở lên", "--cap: must be 0 or more"),
    ("gateway --port 70000", "--port: nhiều nhất là 65535", "--port: must be 65535 or less"),
    ("nightly --min-linked x", "--min-linked: phải là một số", "--min-linked: must be a number"),
    ("nightly --night x", "«x» không phải là ngày", "«x» is no date"),
    ("queue work --opens x", "«x» không phải là giờ", "«x» is no time"),
    ("registry make --format x", "«x» không phải là một trong: parquet, csv", "«x» is not one of parquet, csv"),
    ("report --workspace", "Tùy chọn «--workspace» cần một giá trị", "Option «--workspace» needs a value"),
    ("report --json=3", "Tùy chọn «--json» không nhận giá trị", "Option «--json» takes no value"),
    ("report a b", "Thừa tham số: «a b»", "Too many arguments: «a b»"),
]


@pytest.mark.parametrize(("typed", "vietnamese", "english"), USAGE, ids=[each[0] for each in USAGE])
def test_usage_errors_are_in_the_language(sachsong: Sachsong, typed: str, vietnamese: str, english: str) -> None:
    for chosen, told in (("vi", vietnamese), ("en", english)):
        code, out, error = sachsong("--lang", chosen, *typed.split())
        assert (code, out) == (2, "")
        assert told in error
        assert bool(marked(error)) is (chosen == "vi")


def test_another_language_is_refused(sachsong: Sachsong) -> None:
    for typed in (("--lang", "fr", "report"), ("report", "--lang=fr")):
        code, _, error = sachsong(*typed)
        assert code == 2
        assert "«fr» không phải là một trong: vi" in error


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "vi"),
        ({"LANG": "C.UTF-8"}, "vi"),
        ({"LANG": "POSIX"}, "vi"),
        ({"LANG": "fr_FR.UTF-8"}, "vi"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "vi_VN"}, "vi"),
        ({"LC_ALL": "en_GB", "LC_MESSAGES": "vi_VN"}, "en"),
        ({"LC_ALL": "en_GB", "SACHSONG_LANG": "vi"}, "vi"),
        ({"SACHSONG_LANG": "en"}, "en"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], chosen: str) -> None:
    assert language.from_environment(environment) == chosen


@pytest.mark.parametrize(
    ("typed", "rest", "chosen"),
    [
        ("--lang en report", "report", "en"),
        ("report --lang en --json", "report --json", "en"),
        ("report --lang=vi", "report", "vi"),
        ("report -- --lang en", "report -- --lang en", None),
        ("report --lang fr", "--lang fr report", None),
        ("report", "report", None),
    ],
)
def test_the_option_may_stand_anywhere(typed: str, rest: str, chosen: str | None) -> None:
    assert language.taken_out(typed.split()) == (rest.split(), chosen)


def test_an_error_keeps_its_names_in_english() -> None:
    language.choose("en")
    assert language.told_whole("Không có tệp «a / b.csv» / no such file.") == "no such file («a / b.csv»)."
    language.choose("vi")
    assert language.told_whole("Không có tệp «a / b.csv» / no such file.") == "Không có tệp «a / b.csv»"


@pytest.mark.parametrize(
    ("shell", "told"),
    [
        ("bash", "complete -o default -F _sachsong_completion sachsong"),
        ("zsh", "#compdef sachsong"),
        ("fish", "complete --command sachsong"),
    ],
)
def test_completion_is_told_for_the_shell_that_is_named(sachsong: Sachsong, shell: str, told: str) -> None:
    code, out, _ = sachsong("--show-completion", shell)
    assert (code, told in out, f"complete_{shell}" in out) == (0, True, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_offline_and_without_a_workspace(
    sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert sachsong("--install-completion", shell)[0] == 0
    written = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*sachsong*") if path.is_file()]
    assert any(f"complete_{shell}" in text for text in written)
    assert not (tmp_path / "workspace").exists()


def test_a_list_of_faults_below_an_error_is_shown_in_both_languages() -> None:
    text = "Bảng có lỗi / tables are wrong:\n- correct.toml:4 a: Field required\n- live.toml:9 b: lỗi / fault"
    faults = "\n- correct.toml:4 a: Field required\n- live.toml:9 b: lỗi / fault"
    language.choose("vi")
    assert language.told_whole(text) == f"Bảng có lỗi:{faults}"
    language.choose("en")
    assert language.told_whole(text) == f"tables are wrong:{faults}"
    language.choose("vi")
