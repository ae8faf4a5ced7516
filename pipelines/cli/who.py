"""Asks for the password of the account in whose name something is decided, read, approved or signed; it is never an
argument."""

import getpass
import os
import sys
from collections.abc import Sequence
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.config import Settings
from pipelines.errors import BadInput

if TYPE_CHECKING:
    from pipelines.review.proof import Proven

VARIABLE = "SACHSONG_PASSWORD"
"""The environment variable of the password, for automation."""

PasswordFd = Annotated[
    int | None,
    typer.Option(
        "--password-fd",
        min=0,
        help="Đọc mật khẩu của tài khoản --by từ số hiệu tệp này; không có thì từ biến SACHSONG_PASSWORD, không có thì "
        "hỏi / descriptor that the account's password is read from; else SACHSONG_PASSWORD, else it is asked for.",
    ),
]


def proven(settings: Settings, by: str, act: str, descriptor: int | None, of: str = "") -> "Proven":
    """The person of this name, proven where that is needed. `act`: of `pipelines.review.web.roles.Act`; `of` as in
    `pipelines.review.proof.at_terminal`.

    Errors: BadInput, as there, or if there is nobody to ask.
    """
    from pipelines.review import proof
    from pipelines.review.web.roles import Act

    lines = cache(partial(_lines, descriptor))
    return proof.at_terminal(settings, by, Act(act), lambda: _password(by, lines()), lambda: _code(by, lines()), of=of)


def _lines(descriptor: int | None) -> list[str]:
    """The first two lines of the descriptor, password and code; none without a descriptor."""
    if descriptor is None:
        return []
    try:
        with os.fdopen(descriptor, encoding="utf-8", closefd=False) as file:
            return [line.rstrip("\r\n") for line in islice(file, 2)]
    except (OSError, UnicodeDecodeError):
        raise BadInput("bad_descriptor", f"--password-fd {descriptor}: không đọc được / cannot be read.") from None


def _code(name: str, lines: Sequence[str]) -> str:
    if len(lines) > 1:
        return lines[1]
    if sys.stdin.isatty():
        return getpass.getpass(f"Mã xác thực hai lớp của {name} / code of the second factor: ")
    raise BadInput(
        "no_code",
        f"Tài khoản «{name}» có xác thực hai lớp: chạy ở cửa sổ lệnh, hoặc cho mã ở dòng thứ hai của --password-fd / a "
        "code of the second factor is needed: at a terminal, or as the second line of --password-fd.",
    )


def _password(name: str, lines: Sequence[str]) -> str:
    given = os.environ.pop(VARIABLE, None)  # no child process shall inherit it
    if lines:
        return lines[0]
    if given is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass(f"Mật khẩu của {name} / password: ")
    raise BadInput(
        "no_password",
        f"Cần mật khẩu của tài khoản «{name}»: chạy ở cửa sổ lệnh, hoặc cho --password-fd, hoặc biến {VARIABLE} / the "
        "password of the account is needed: at a terminal, by --password-fd, or by that variable.",
    )
