"""Says who may see and do what on the review pages, who may propose, approve and sign: the only place that knows."""

from collections.abc import Sequence
from enum import StrEnum

from pipelines.review.people import Account, Role


class Act(StrEnum):
    """Something that a page does."""

    see_records = "see_records"
    see_own_values = "see_own_values"
    """Names and dates of a record as its department wrote them; masked otherwise."""
    reveal = "reveal"
    """The record's number and the registry's values of a proposed correction, for a reason that is kept."""
    answer = "answer"
    send_lists = "send_lists"
    """Handing in a filled-in list of one's own tenants."""
    settle = "settle"
    """Deciding what two people see differently."""
    see_night = "see_night"
    """The last night's figures, of the whole country."""
    see_history = "see_history"
    see_everybodys_history = "see_everybodys_history"
    see_log = "see_log"
    order_readers = "order_readers"
    keep_accounts = "keep_accounts"
    propose = "propose"
    """Changes of rules, model and settings, and orders that wait for a second person."""
    approve = "approve"
    """Approving or refusing what another proposed."""
    approve_corrections = "approve_corrections"
    """That a department's file is corrected as the registry says."""
    sign_night = "sign_night"
    sign_list = "sign_list"
    """Signing a list of a night, of one's own tenants."""
    decide_everywhere = "decide_everywhere"
    """Deciding about records of all tenants at the terminal."""
    read_unmasked = "read_unmasked"
    """Reading cells and lists of children of all tenants as they are at the terminal, for a reason that is kept."""
    replace_files = "replace_files"
    """Allowing that a newer copy of a department's file takes values away."""


_REVIEWER = frozenset({Act.see_records, Act.see_own_values, Act.reveal, Act.answer, Act.send_lists, Act.see_history})
MAY: dict[Role, frozenset[Act]] = {
    Role.officer: frozenset(
        {
            *(Act.see_records, Act.answer, Act.send_lists, Act.see_night),
            *(Act.see_history, Act.see_everybodys_history, Act.order_readers),
            *(Act.propose, Act.approve, Act.approve_corrections, Act.sign_night, Act.sign_list),
            *(Act.decide_everywhere, Act.read_unmasked, Act.replace_files),
        }
    ),
    Role.reviewer: _REVIEWER,
    Role.second: _REVIEWER | {Act.settle, Act.sign_list},
    Role.auditor: frozenset(
        {
            *(Act.see_records, Act.see_night, Act.see_history, Act.see_everybodys_history, Act.see_log),
            *(Act.approve, Act.sign_night, Act.sign_list, Act.read_unmasked),
        }
    ),
    Role.administrator: frozenset({Act.keep_accounts, Act.propose}),
}
"""Role → what it may do, in its own tenants; the registry's values are for reviewers of the owning department."""

_EVERYWHERE = (Role.officer, Role.auditor)


def may(account: Account, act: Act) -> bool:
    """Whether the account's role may do this at all."""
    return act in MAY[account.role]


def concerns(account: Account, sector: str, province: str | None) -> bool:
    """Whether the account may see records of this sector and province."""
    return may(account, Act.see_records) and (account.role in _EVERYWHERE or account.concerns(sector, province))


def tenants(account: Account) -> Sequence[str] | None:
    """Tenants whose records the account may see; None: all."""
    return None if account.role in _EVERYWHERE else account.tenants


def start(account: Account) -> str:
    """Path of the page on which the account begins."""
    return "/accounts" if account.role == Role.administrator else "/"
