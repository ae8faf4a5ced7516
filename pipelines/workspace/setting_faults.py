"""Words what is wrong with a setting: the place, the fault, the remedy; all of them in one error."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.errors import BadInput


class SettingFault(NamedTuple):
    """One thing that the officer has to mend."""

    place: str
    """Where it stands: the file with its line, a variable, an option; it is no text of one language."""
    vi: str
    en: str


def refusal(faults: Sequence[SettingFault]) -> BadInput:
    """The error that names every fault, a line each where they are several."""
    if len(faults) == 1:
        (only,) = faults
        return BadInput("bad_setting", f"{_told(only.place, only.vi)} / {_told(only.place, only.en)}")
    vi = "".join(f"\n  {_told(each.place, each.vi)}" for each in faults)
    en = "".join(f"\n  {_told(each.place, each.en)}" for each in faults)
    return BadInput("bad_setting", f"Cài đặt có {len(faults)} lỗi:{vi}\n / {len(faults)} settings are wrong:{en}")


def line(number: int) -> str:
    """`:3`, the line of a file as it stands behind its name; empty where it is not known."""
    return f":{number}" if number else ""


def unknown(place: str, name: str, near: Sequence[str], each_time: Sequence[str]) -> SettingFault:
    """The fault of a name that is no setting; `near` are settings that it may have meant."""
    place = f"{place}, {name}" if place else name
    if name in each_time:
        return SettingFault(
            place,
            "không đặt một lần được, hãy đặt bằng tùy chọn của lệnh",
            "cannot be set once: name it with each command",
        )
    return SettingFault(
        place,
        f"không có cài đặt này{f', có phải là {near[0]}?' if near else '; xem: sachsong settings'}",
        f"no such setting{f', did you mean {near[0]}?' if near else '; see: sachsong settings'}",
    )


def password(place: str, variable: str) -> SettingFault:
    """The fault of a password that stands in the file."""
    return SettingFault(
        f"{place}, state_url",
        f"không để mật khẩu trong tệp này; đặt mật khẩu trong PGPASSFILE hoặc cả địa chỉ trong {variable}",
        f"no password may stand in this file: put it into a PGPASSFILE, or the whole address into {variable}",
    )


def unreadable(file: Path, fault: OSError) -> SettingFault:
    """The fault of a file that cannot be opened."""
    return SettingFault(
        f"«{file}»", f"không đọc được, sửa quyền ({fault.strerror})", f"no permission ({fault.strerror})"
    )


def no_toml(file: Path, fault: ValueError) -> SettingFault:
    """The fault of a file that is no TOML; the parser says at which line."""
    if isinstance(fault, UnicodeDecodeError):
        return SettingFault(f"«{file}»", "phải lưu bằng UTF-8", "must be saved as UTF-8")
    return SettingFault(
        f"«{file}»",
        f'mỗi dòng phải có dạng tên = giá_trị, chữ trong dấu "" ({fault})',
        f'each line must be name = value, text in "" ({fault})',
    )


def not_a_number(value: object) -> tuple[str, str]:
    """The fault, in both languages, of a value that should be a number without quotes."""
    return f'phải là một số, không có dấu «"», không phải «{value}»', f"must be a number without quotes, not «{value}»"


def in_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """Pydantic's error in both languages."""
    context = error.get("ctx", {})
    for prefix, vi, en in _WORDS:
        if error["type"].startswith(prefix):
            return vi.format(**context), en.format(**context)
    return f"sai ({error['msg']})", f"is wrong ({error['msg']})"


_WORDS = (
    ("int", "phải là một số nguyên, ví dụ 200000", "must be a whole number, such as 200000"),
    ("float", "phải là một số, ví dụ 30", "must be a number, such as 30"),
    ("finite", "phải là một số hữu hạn", "must be a finite number"),
    ("bool", "phải là true hoặc false", "must be true or false"),
    ("string_too_long", "dài nhất {max_length} ký tự", "has at most {max_length} characters"),
    ("string_pattern", "không đúng mẫu {pattern}", "does not fit {pattern}"),
    ("string_type", 'phải là chữ trong dấu ""', 'must be text in ""'),
    ("path_type", 'phải là một đường dẫn trong dấu ""', 'must be a path in ""'),
    ("greater_than_equal", "phải từ {ge} trở lên", "must be {ge} or more"),
    ("greater_than", "phải lớn hơn {gt}", "must be more than {gt}"),
    ("literal_error", "chọn một trong {expected}", "choose one of {expected}"),
)
"""How pydantic's kind of error begins → what the officer reads."""


def _told(place: str, what: str) -> str:
    return f"{place}: {what}" + ("" if what.endswith("?") else ".")
