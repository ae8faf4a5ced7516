"""Reads the secret that both ends share: from a file or the environment, never from a command line."""

import os
from pathlib import Path

from pipelines.errors import BadInput

VARIABLE = "SACHSONG_GATEWAY_SECRET"
SHORTEST = 16
"""Least bytes of a secret; shorter ones can be guessed."""


def read(file: Path | None = None) -> bytes:
    """The secret from the file, or else from the environment. Errors: BadInput that says where it must stand."""
    if file is None:
        found = os.environ.get(VARIABLE, "").strip().encode()
        place = VARIABLE
    else:
        place = f"«{file}»"
        try:
            found = file.read_bytes().strip()
        except OSError:
            raise BadInput(
                "no_secret", f"Không đọc được tệp khóa {place} / the secret's file cannot be read."
            ) from None
    if len(found) < SHORTEST:
        raise BadInput(
            "no_secret",
            f"Thiếu khóa ký (ít nhất {SHORTEST} ký tự) trong {place}; hãy đặt {VARIABLE} hoặc chỉ tệp khóa "
            f"/ the signing secret is missing or shorter than {SHORTEST}: set {VARIABLE} or name a file.",
        )
    return found
