"""Explains errors of a typed command in the terminal's language."""

import re

from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

from pipelines.cli.language import is_english, say

QUOTED = r"'(.*?)'"
KINDS = (
    (rf"Missing option {QUOTED}\.(?:\s*Choose from:\s*(.*))?", "Thiếu tùy chọn «{0}».", "Missing option «{0}»."),
    (rf"Missing (?:argument|parameter) {QUOTED}\.(?:\s*Choose from:\s*(.*))?", "Thiếu tham số «{0}».",
     "Missing argument «{0}»."),
    (r"Missing command\.", "Thiếu tên lệnh.", "Missing command."),
    (r"No such option: (\S+) \(Possible options: (.*)\)", "Không có tùy chọn «{0}»; có phải là {1}?",
     "No such option «{0}»; did you mean {1}?"),
    (r"No such option: (\S+)(?: Did you mean (.*)\?)?", "Không có tùy chọn «{0}».", "No such option «{0}»."),
    (rf"No such command {QUOTED}\. Did you mean (.*)\?", "Không có lệnh «{0}»; có phải là {1}?",
     "No such command «{0}»; did you mean {1}?"),
    (rf"No such command {QUOTED}\.", "Không có lệnh «{0}».", "No such command «{0}»."),
    (rf"Option {QUOTED} requires .*", "Tùy chọn «{0}» cần một giá trị.", "Option «{0}» needs a value."),
    (rf"Option {QUOTED} does not take a value\.", "Tùy chọn «{0}» không nhận giá trị.",
     "Option «{0}» takes no value."),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", "Thừa tham số: «{0}».", "Too many arguments: «{0}»."),
)  # fmt: skip
VALUES = (
    (r".*valid integer.*", "phải là một số nguyên", "must be a whole number"),
    (r".*valid (?:number|float).*", "phải là một số", "must be a number"),
    (r".*finite number.*", "phải là một số hữu hạn", "must be a finite number"),
    (r".*greater than or equal to (\S+)", "phải từ {0} trở lên", "must be {0} or more"),
    (r".*less than or equal to (\S+)", "nhiều nhất là {0}", "must be {0} or less"),
    (rf".*{QUOTED} is not one of (.*?)\.?", "«{0}» không phải là một trong: {1}", "«{0}» is not one of {1}"),
    (rf".*{QUOTED} does not match the formats '%H:%M'.*", "«{0}» không phải là giờ: viết 07:00",
     "«{0}» is no time: write 07:00"),
    (rf".*{QUOTED} does not match the formats.*", "«{0}» không phải là ngày: viết 2026-11-28 hoặc 28/11/2026",
     "«{0}» is no date: write 2026-11-28 or 28/11/2026"),
)  # fmt: skip
"""Pattern of the parser's message, Vietnamese, English."""
INVALID = re.compile(rf"Invalid value for {QUOTED}(?: [(/][^:]*(?:: '[^']*'\))?)?: (.*)", re.DOTALL)


def explained(error: ClickException) -> str:
    """One sentence about the error for the officer."""
    message = error.format_message().strip()
    if invalid := INVALID.fullmatch(message):
        name, why = invalid.groups()
        return f"{name}: {_translated(why.strip(), VALUES, say('giá trị không dùng được', why.strip()))}."
    return _translated(message, KINDS, say("Lệnh gõ chưa đúng.", message))


def usage(error: ClickException) -> str:
    """How the verb is used and where its help is; empty if it is not known which verb was meant."""
    if isinstance(error, UsageError) and error.ctx is not None:
        path = error.ctx.command_path
        return f"{error.ctx.get_usage()}\n" + say(f"Xem thêm: {path} --help", f"See {path} --help")
    return ""


def is_help(error: ClickException) -> bool:
    """Whether nothing was typed, so that help is printed."""
    return isinstance(error, NoArgsIsHelpError)


def _translated(message: str, kinds: tuple[tuple[str, str, str], ...], default: str) -> str:
    for pattern, vietnamese, english in kinds:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = [re.sub(r"'([^']*)'", r"\1", each or "") for each in found.groups()]
            parts = parts if is_english() else [re.sub(r" or ", " hoặc ", each) for each in parts]
            return say(vietnamese, english).format(*parts)
    return default
