"""Prints the decisions that were stored, and the accounts of the review pages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.language import say
from pipelines.cli.show.console import OUT, show_json, titled_table

if TYPE_CHECKING:
    from pipelines.review.decide import Kept
    from pipelines.review.list_answers import Taken
    from pipelines.review.people import Account


def show_decisions(kept: Sequence["Kept"], *, as_json: bool) -> None:
    """Prints the decisions, the persons' numbers masked."""
    rows = [
        {
            "record_id": each.record_id,
            "verdict": each.decision.verdict,
            "person": each.person,
            "by": each.decision.decided_by,
        }
        for each in kept
    ]
    if as_json:
        show_json(rows)
        return
    table = titled_table("decide", "Hồ sơ / record", "Quyết định / verdict", "Người / person", "Ai / by")
    for row in rows:
        table.add_row(*(value or "—" for value in row.values()))
    OUT.print(table)


def show_password(name: str, password: str, *, as_json: bool) -> None:
    """Prints an account's new password, this once."""
    if as_json:
        show_json({"name": name, "password": password})
        return
    table = titled_table("review user", "Tài khoản / account", "Mật khẩu, hiện một lần / password, shown once")
    table.add_row(name, password)
    OUT.print(table)


def show_accounts(accounts: Sequence["Account"], *, as_json: bool) -> None:
    """Prints the accounts, without anything of their passwords."""
    if as_json:
        show_json([account.model_dump(mode="json") for account in accounts])
        return
    heads = ("Tài khoản / account", "Vai trò / role", "Đơn vị / tenants", "Hai lớp / second factor", "Khóa / disabled")
    table = titled_table("review user", *heads)
    for account in accounts:
        marks = ("✓" if each else "—" for each in (account.has_second_factor, account.is_disabled))
        table.add_row(account.name, account.role.value, ", ".join(account.tenants) or "—", *marks)
    OUT.print(table)


def show_taken(taken: Sequence["Taken"], *, as_json: bool) -> None:
    """Prints what became of each filled-in list, and where the copy is that goes back."""
    if as_json:
        show_json([{**each._asdict(), "returned": str(each.returned)} for each in taken])
        return
    heads = ("Tệp / file", "Quyết định / applied", "Ghi nhận / noted", "Người thứ ba / third", "Không nhận / refused")
    table = titled_table("answers", *heads, "Đã nhận trước / again")
    for each in taken:
        table.add_row(each.file, *(str(n) for n in (each.applied, each.noted, each.third, each.refused, each.again)))
    OUT.print(table)
    for each in taken:
        OUT.print(f"{say('Bản trả về', 'Returned copy')}: {each.returned}", markup=False, soft_wrap=True)
