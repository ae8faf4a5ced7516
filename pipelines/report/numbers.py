"""Formats numbers, shares and days for a Vietnamese reader: 1.234.567 · 98,8% · 22/11/2026."""

from datetime import date


def count(value: int) -> str:
    """A whole number with dots between thousands."""
    return f"{value:,}".replace(",", ".")


def percent(share: float, digits: int = 1) -> str:
    """A share of 0–1 in percent with a decimal comma.

    Never rounded up to 100 nor down to 0: a list with one bad record in a million is not "100,0%".
    """
    shown = round(100 * share, digits)
    smallest = 10.0**-digits
    if shown >= 100 and share < 1:
        shown = 100 - smallest
        return f">{shown:.{digits}f}%".replace(".", ",")
    if shown <= 0 and share > 0:
        return f"<{smallest:.{digits}f}%".replace(".", ",")
    return f"{shown:.{digits}f}%".replace(".", ",")


def decimal(value: float, form: str = "g") -> str:
    """A number with a decimal comma, in one of Python's formats."""
    return f"{value:{form}}".replace(".", ",")


def signed(value: float) -> str:
    """A change with its sign and a decimal comma: +1,5 or −0,3."""
    return decimal(value, "+.1f").replace("-", "−")


def day(value: date) -> str:
    """Day, month, year."""
    return f"{value:%d/%m/%Y}"


def short_day(value: date) -> str:
    """Day and month."""
    return f"{value:%d/%m}"
