"""The README's picture of the summary, made again: `python -m docs.picture` writes docs/summary.png.

The sample over three nights with a cap of 500 questions a night, so that some wait; the page of the third night as
Chromium shows it, from its head to the end of the section on statuses.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"
PICTURE = ROOT / "docs" / "summary.png"
NIGHTS = ("2026-11-20", "2026-11-21", "2026-11-22")
CAP = 500
WIDTH = 1280
LAST_SECTION = "#statuses"
MARGIN = 8
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def page_of_three_nights(workspace: Path) -> Path:
    """The last night's summary."""
    sachsong: list[str | Path] = [Path(sys.executable).with_name("sachsong"), "nightly", "--workspace", workspace]
    inputs: list[str | Path] = [
        "--inbox",
        SAMPLE / "inbox",
        "--registry",
        SAMPLE / "registry.csv",
        "--cap",
        str(CAP),
        "--ask-past",
    ]
    for night in NIGHTS:
        subprocess.run([*sachsong, *inputs, "--night", night], check=True)
    return workspace / "runs" / f"{NIGHTS[-1]}-1" / "reports" / "summary.html"


def photograph(page: Path, picture: Path) -> None:
    """Write the page's upper part as a PNG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        view = browser.new_page(viewport={"width": WIDTH, "height": 900})
        view.goto(page.as_uri())
        box = view.locator(LAST_SECTION).bounding_box()
        if box is None:
            raise SystemExit(f"{page}: no {LAST_SECTION}")
        height = box["y"] + box["height"] + MARGIN
        view.screenshot(path=picture, full_page=True, clip=FloatRect(x=0, y=0, width=WIDTH, height=height))
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        photograph(page_of_three_nights(Path(folder)), PICTURE)
