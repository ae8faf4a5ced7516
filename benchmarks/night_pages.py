"""What benchmarks/night.py found, for people: docs/profile.md."""

from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "profile.md"
TEMPLATE = Path(__file__).with_name("profile.md.template")
FAR = 3
"""A hop above so many times its floor has a sentence why."""

WHY = {
    "read": "each file is read twice, by readers that must count the same rows, and searched for old encodings",
    "standardise": "odd names and dates are read by Python, each distinct one once, in a process a thread of the night",
    "check": "Great Expectations takes seconds to import, and each rule judges each record; the floor copies verdicts",
    "link": "candidates are found, compared and weighed, where the floor knows the person (docs/profile-link.md)",
    "verify": "each question is signed, compared and answered by the simulated gateway, and moves through three states "
    "of the queue, each on disk before the next; the floor sets its answer once",
    "report": "what each department is told to do is worked out before it is written",
}


def write_profile(found: dict[str, Any]) -> None:
    """Writes where a night's time goes, hop by hop, with each one's floor beside it. Shape: as `night.measure`."""
    given, floors = found["settings"], found["floors"]
    night = {name: step for name, step in found["steps"].items() if name != "registry load"}
    far = [name for name in floors if _times(night[name], floors[name]) > FAR]
    page = TEMPLATE.read_text(encoding="utf-8").format(
        people=int(given["people"]),
        records=int(given["records"]),
        preset=given["preset"],
        threads=given["threads"],
        cap=int(given["cap"]),
        cpus=found["machine"]["before"]["cpus"],
        load=found["machine"]["before"]["load"][0],
        hops="\n".join(_line(name, step, floors.get(name)) for name, step in night.items()),
        seconds=found["night"]["seconds"],
        cpu=found["night"]["processor_seconds"],
        peak=found["night"]["peak_mb"],
        why="\n".join(f"- **{name}** is above {FAR} times its floor: {WHY[name]}." for name in far),
        changed=_changed(found.get("changed")),
    )
    PAGE.write_text(page, encoding="utf-8")


def _line(name: str, step: dict[str, Any], floor: dict[str, Any] | None) -> str:
    beside = f"{floor['processor_seconds']} | {_times(step, floor):.1f}" if floor else " | "
    return f"| {name} | {step['seconds']} | {step['processor_seconds']} | {step['peak_mb']:,} | {beside} |"


def _times(step: dict[str, Any], floor: dict[str, Any]) -> float:
    return float(step["processor_seconds"] / max(floor["processor_seconds"], 0.01))


def _changed(changed: dict[str, Any] | None) -> str:
    if changed is None:
        return ""
    hops = ", ".join(f"{name} {step['processor_seconds']}" for name, step in changed["steps"].items())
    seconds, share = changed["night"]["processor_seconds"], changed["share"]["processor_seconds"]
    anew = changed["remembering nothing"]["processor_seconds"]
    return f"""
## A second night with few changes

{seconds} processor seconds, {share:.0%} of the first night's, with the bytes of a night that remembers nothing
({anew}): {hops}.
"""
