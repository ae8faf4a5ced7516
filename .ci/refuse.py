"""Which files may not enter the repository: too large, with a secret, a person's number or a package index in them.

Run by `make lint` over every file that git knows or would add, and by the pre-commit hook over those given.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LIMIT_BYTES = 1_000_000
SAMPLE_LIMIT_BYTES = 5_000_000
SYNTHETIC = ("data/sample/", "tests/")
"""Where every number is synthetic by origin: made by `sachsong registry make`, or a test's own."""

SECRETS = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "cloud key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "access token": r"\b(?:gh[oprsu]_\w{36}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})",
    "signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "password in a URL": r"\b[a-z][a-z0-9+]*://[^\s/:@\"'<>{}$]+:[^\s/@\"'<>{}$]+@",
    "password": r"(?i)\b(?:password|passwd|secret|api_?key|token)\b[\"']?\s*[:=]\s*[\"'][^\"'\s<>{}$]{8,}[\"']",
    "package index": r"(?i)(?:\bpypi\.org|pythonhosted\.org|(?:index-url|find-links)[\s=:]+(?:https?:|/))",
}

# Province 001-096, century and sex, year, serial. Hex digests are longer words, so \b keeps them out.
ID_NUMBER = re.compile(r"\b0(?:0[1-9]|[1-8]\d|9[0-6])\d{3}(\d{6})\b")
EXAMPLE_SERIAL = re.compile(r"0000\d\d|001234|012345|123456|345678")
"""What the last six digits of a documented example are, so that nobody's number is (CONTRIBUTING.md)."""


def faults(path: str, content: bytes) -> Iterator[str]:
    """Why this file may not enter, one sentence a fault; never the value itself."""
    is_sample = path.startswith("data/sample/")
    limit = SAMPLE_LIMIT_BYTES if is_sample else LIMIT_BYTES
    if len(content) > limit:
        yield f"{path}: {len(content):,} bytes, more than {limit:,}"
    if b"\0" in content[:8_000]:
        return
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        for name, pattern in SECRETS.items():
            if re.search(pattern, line):
                yield f"{path}:{number}: {name}"
        if not path.startswith(SYNTHETIC) and any(map(_is_real_looking, ID_NUMBER.finditer(line))):
            yield f"{path}:{number}: a 12-digit number that could be a person's"


def _is_real_looking(found: re.Match[str]) -> bool:
    return not EXAMPLE_SERIAL.fullmatch(found[1])


def main(paths: list[str]) -> int:
    """0 if every file may enter, else 1."""
    if not paths:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=True,
        )
        paths = [name for name in listed.stdout.decode().split("\0") if name]
    found = [fault for path in paths if Path(path).is_file() for fault in faults(path, Path(path).read_bytes())]
    sys.stderr.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
