"""Chooses the language of the terminal: one of the two in which every text is written.

Texts of help and of errors, which also go into files, are «Tiếng Việt / English»: ` / ` outside «…» parts them, once.
What the terminal alone says is `say(vi, en)`.
"""

import os
import re
from collections.abc import Mapping, Sequence

LANGUAGES = ("vi", "en")
SEPARATOR = re.compile(r"\s+/\s+(?![^«]*»)")
"""Text between the two languages; a value that may hold one stands in «…»."""
NEEDED = re.compile(r"«[^»]*»|sachsong [a-z]+(?: (?:load|verify|make|status))?|--[a-z][a-z-]+")
"""Pattern of what an English reader needs of the Vietnamese half: names, and commands to type."""


class _Chosen:
    language = "vi"


def choose(language: str) -> None:
    """Sets the language of the terminal from now on."""
    _Chosen.language = language


def is_english() -> bool:
    """Whether the terminal speaks English."""
    return _Chosen.language == "en"


def say(vietnamese: str, english: str) -> str:
    """The text in the terminal's language."""
    return english if is_english() else vietnamese


def told(text: str) -> str:
    """The half of a «vi / en» text in the terminal's language; a text without two halves as it is."""
    halves = SEPARATOR.split(text)
    return say(*(half.strip() for half in halves)) if len(halves) == 2 else text


def told_whole(text: str) -> str:
    """The half of an error in the terminal's language, English with the names and commands that only the Vietnamese
    has; a list of faults below it as it is.
    """
    head, begins, faults = text.partition("\n- ")
    if begins:
        return f"{told_whole(head).rstrip('.:')}:{begins}{faults}"
    short = told(text)
    if not is_english() or short == text:
        return short
    lacking = [each for each in dict.fromkeys(NEEDED.findall(text)) if each not in short]
    return f"{short.rstrip('.')} ({', '.join(lacking)})." if lacking else short


def from_environment(environment: Mapping[str, str] = os.environ, in_file: str | None = None) -> str:
    """The language that SACHSONG_LANG names, else `in_file`, else English if the locale is English, else Vietnamese."""
    named = environment.get("SACHSONG_LANG", "").lower() or in_file
    if named in LANGUAGES:
        return named
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "en" if locale.lower().startswith("en") else "vi"


def taken_out(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """The arguments without `--lang X`, which may stand anywhere before `--`, and X if it names a language.

    Another value stays where it is: the parser refuses it.
    """
    rest, language = list(arguments), None
    end = rest.index("--") if "--" in rest else len(rest)
    for place in range(end - 1, -1, -1):
        name, equals, value = rest[place].partition("=")
        if name != "--lang":
            continue
        if not equals and place + 1 < len(rest):
            value = rest[place + 1]
        if value in LANGUAGES:
            language = language or value
            del rest[place : place + (1 if equals else 2)]
        else:  # before the verb, where the parser knows the option and names what is allowed
            moved = rest[place : place + (1 if equals else 2)]
            del rest[place : place + (1 if equals else 2)]
            rest[:0] = moved
            break
    return rest, language
