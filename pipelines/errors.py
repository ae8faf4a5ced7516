"""Errors that end a run, by who can mend them.

PipelineError                    exit 3 unless a subclass says otherwise
├── Transient                    trying again later may work
│   ├── GatewayDown              the gateway cannot be reached, or says that it is out of order; nothing was charged
│   ├── GatewayTimeout           no usable answer came; the questions may have been charged: ask for their results
│   ├── RateLimited              too many messages a second; nothing was charged
│   └── CapReached               the gateway's day is used up; nothing was charged
└── Terminal                     trying again changes nothing
    ├── BadInput                 exit 2: the officer's input or usage; the message says the remedy
    │   ├── UnreadableFile       this file cannot be read; the others go on
    │   ├── UnknownColumns       a mandatory column is missing, or two mean the same
    │   ├── RegistryInvalid      the registry file breaks its contract
    │   └── WorkspaceUnwritable  nothing can be kept in the workspace
    ├── GatewayRefused           the gateway rejects the message itself; nothing was charged
    └── Unbalanced               rows were lost: a file's rows are not links + rejected

Whether to retry is a property of the type: `Transient` yes, `Terminal` no. Bad *data* is never an exception:
it is a row in `rejected` or `issues`.
"""

import traceback
from pathlib import Path
from typing import ClassVar


class PipelineError(Exception):
    """A run cannot go on; the message is one sentence for the officer."""

    exit_code: ClassVar[int] = 3

    def __reduce__(self) -> tuple[object, ...]:
        # Pickled as it is: what Python does by itself calls the class with the message alone.
        return Exception.__new__, (type(self), *self.args), self.__dict__


class Transient(PipelineError):
    """The error may pass: trying again later may work."""


class GatewayDown(Transient):
    """The gateway cannot be reached, or says that it is out of order; nothing was charged."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """Until the end of a maintenance window that was announced; None if nothing was said."""


class GatewayTimeout(Transient):
    """No usable answer came; the questions may have been charged, which `Gateway.results` settles."""


class RateLimited(Transient):
    """Too many messages a second; nothing was charged."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CapReached(Transient):
    """The gateway's day is used up; nothing was charged."""

    def __init__(self, message: str, *, day: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.day = day
        """The gateway's quota day that is used up, `YYYY-MM-DD`."""
        self.retry_after_s = retry_after_s
        """Until the gateway's next day."""


class Terminal(PipelineError):
    """The error stays: trying again changes nothing."""


class BadInput(Terminal):
    """The officer's input or usage is wrong; `code` is stable, the message names the remedy."""

    exit_code: ClassVar[int] = 2

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnreadableFile(BadInput):
    """A file that cannot be read as what it claims to be."""


class UnknownColumns(BadInput):
    """A mandatory column is missing, or two columns have the same meaning."""

    def __init__(self, code: str, message: str, header_index: int | None = None) -> None:
        super().__init__(code, message)
        self.header_index = header_index
        """Which of the first rows is the header all the same; None if none looks like one."""


class RegistryInvalid(BadInput):
    """The registry file breaks its contract."""


class WorkspaceUnwritable(BadInput):
    """Nothing can be stored in the workspace."""

    def __init__(self, workspace: Path, refused: OSError) -> None:
        super().__init__(
            "workspace_unwritable",
            f"Không ghi được vào thư mục làm việc «{workspace}» ({refused.strerror}); hãy sửa quyền hoặc chọn "
            "--workspace khác / the workspace cannot be written.",
        )


class GatewayRefused(Terminal):
    """The gateway rejects the message itself (4xx other than a limit); nothing was charged.

    `code` is the gateway's: FORMAT, UNSIGNED, FORBIDDEN, EXPIRED, FUTURE, REPLAYED, KEY_REUSED.
    """

    def __init__(
        self, message: str, *, code: str = "FORMAT", is_for_content: bool = False, is_theirs: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_for_content = is_for_content
        """Whether another message may pass: one of the questions in this one is what is not taken."""
        self.is_theirs = is_theirs
        """Whether the gateway itself said so, by its signature."""


class Unbalanced(Terminal):
    """A file's data rows are not the sum of its links and rejected rows."""


def place_of(fault: BaseException) -> str:
    """The kind of an error and the line of code that raised it, without its text."""
    frames = traceback.extract_tb(fault.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(fault).__name__} ({where})"
