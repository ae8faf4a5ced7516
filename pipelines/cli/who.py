"""Asks for the password of the account in whose name something is approved or signed; it is never an argument."""

import getpass
import os
import sys
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

    return proof.at_terminal(settings, by, Act(act), lambda: _password(by, descriptor), of=of)


def _password(name: str, descriptor: int | None) -> str:
    given = os.environ.pop(VARIABLE, None)  # no child process shall inherit it
    if descriptor is not None:
        try:
            with os.fdopen(descriptor, encoding="utf-8", closefd=False) as file:
                return file.readline().rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise BadInput("bad_descriptor", f"--password-fd {descriptor}: không đọc được / cannot be read.") from None
    if given is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass(f"Mật khẩu của {name} / password: ")
    raise BadInput(
        "no_password",
        f"Cần mật khẩu của tài khoản «{name}»: chạy ở cửa sổ lệnh, hoặc cho --password-fd, hoặc biến {VARIABLE} / the "
        "password of the account is needed: at a terminal, by --password-fd, or by that variable.",
    )
