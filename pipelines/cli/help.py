"""Prints help in the terminal's language: the classes of every verb and group."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer._click.core import Command, Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup

from pipelines.cli.language import is_english, say, told

EXTRA = re.compile(r"^(.*?)(?:\s\s\[([^\]]*)\])?$", re.DOTALL)
NEGATIVE = re.compile(r"-\d+([.,]\d+)?")
HEADINGS = {"Options": "Tùy chọn", "Commands": "Lệnh", "Arguments": "Tham số"}
WORDS = {"[OPTIONS]": "[TÙY CHỌN]", "COMMAND [ARGS]...": "LỆNH [THAM SỐ]..."}
KINDS = {
    "<int range>": "<số nguyên>",
    "<float range>": "<số>",
    "<int>": "<số nguyên>",
    "<float>": "<số>",
    "<str>": "<chữ>",
    "<path>": "<đường dẫn>",
    "<list[Path]>": "<các đường dẫn>",
    "<list[str]>": "<các chữ>",
    "<%Y-%m-%d|%d/%m/%Y>": "<ngày>",
    "<%H:%M>": "<giờ:phút>",
}
ENGLISH_KINDS = {
    "<list[Path]>": "<paths>",
    "<list[str]>": "<texts>",
    "<%Y-%m-%d|%d/%m/%Y>": "<date>",
    "<%H:%M>": "<hh:mm>",
}
LIMITS = (("default: ", "mặc định: "), ("env var: ", "biến môi trường: "), ("required", "bắt buộc"))
NAMES = ("real",)
"""Words that are to be typed as they are."""

OWN = {
    "Show this message and exit.": "Hiện trợ giúp này rồi thoát.",
}
"""The parser's own English text → Vietnamese."""


class Formatter(HelpFormatter):
    """Writes help in one language; nothing is cut."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args if is_english() else _replaced(args, WORDS), say("Cách dùng: ", "Usage: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(HEADINGS.get(heading, heading), heading))

    def write_text(self, text: str) -> None:
        super().write_text(_sentence(told(" ".join(text.split()))))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        kinds = ENGLISH_KINDS if is_english() else KINDS
        super().write_dl([(_replaced(name, kinds), _explained(text)) for name, text in rows], col_max, col_spacing)


def _replaced(text: str, words: dict[str, str]) -> str:
    for word, other in words.items():
        text = text.replace(word, other)
    return text


def _sentence(text: str) -> str:
    """With a capital letter, unless it begins with a name."""
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.strip(",;:").isalpha() and first not in NAMES else text


def _explained(text: str) -> str:
    found = EXTRA.match(" ".join(text.split("\n")))
    said, extra = found.groups() if found else (text, None)
    said = _sentence(told(say(OWN.get(said, said), said)))
    if extra and not is_english():
        extra = _replaced(extra, dict(LIMITS))
    return f"{said}  [{extra}]" if extra else said


class HelpContext(Context):
    """A verb that is being run, with help in one language."""

    formatter_class = Formatter


class _Whole(Command):
    context_class = HelpContext

    def get_short_help_str(self, limit: int = 45) -> str:
        """One line of a list, whole: the formatter wraps it; a shell's completion shows it."""
        return told(" ".join((self.help or "").split()))


class Verb(_Whole, TyperCommand):
    """A verb; a negative number is read as a value, to be refused with its bounds, and not as an unknown option."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        flags = {name for each in self.params if getattr(each, "is_flag", False) for name in each.opts}
        takes_value = [arg.startswith("-") and "=" not in arg and arg not in flags for arg in args]
        figures = [
            place
            for place, arg in enumerate(args)
            if NEGATIVE.fullmatch(arg)
            and not (place and takes_value[place - 1] and not NEGATIVE.fullmatch(args[place - 1]))
        ]
        if figures and "--" not in args:
            negative = [args[place] for place in figures]
            args = [arg for place, arg in enumerate(args) if place not in figures] + ["--", *negative]
        return super().parse_args(ctx, args)


class Group(_Whole, TyperGroup):
    """A group: verbs under one name."""


class Verbs(typer.Typer):
    """A group to which functions are added as verbs."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"cls": Group, "rich_markup_mode": None, "no_args_is_help": True, **values})

    def command(self, name: str | None = None, **values: Any) -> Callable[[Any], Any]:
        """Decorator that makes a function a verb."""
        return super().command(name, **{"cls": Verb, **values})
