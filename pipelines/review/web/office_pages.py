"""Answers the pages beside the records: history, log of reads, accounts, how many people read a tenant's records."""

from starlette.responses import Response

from pipelines.errors import BadInput
from pipelines.review import answers, people, second_factor
from pipelines.review.people import Role
from pipelines.review.web.pages import moment
from pipelines.review.web.roles import Act
from pipelines.review.web.visit import Visit, to
from pipelines.workspace import audit_log, state

MOST = 200
LOGGED = ("read", "unmasked", "refused", "sign_in", "account", "readers", "decision", "review_answer", "answered_list")


def history(visit: Visit) -> Response:
    """What the visitor answered lately, with undo; what everybody did for those who may see it."""
    by = None if visit.may(Act.see_everybodys_history) else visit.signed_in.account.name
    with state.reading(visit.desk.engine) as connection:
        given = answers.latest(connection, by, MOST)
    return visit.render("history.html", given=given, moment=moment, sectors=visit.desk.sectors())


def log(visit: Visit) -> Response:
    """The newest entries of the audit log about people and records."""
    with state.reading(visit.desk.engine) as connection:
        entries = audit_log.newest(connection, MOST, *LOGGED)
    return visit.render("log.html", entries=entries, kinds=audit_log.KINDS)


def accounts(visit: Visit) -> Response:
    """All accounts."""
    return _accounts(visit)


def change_accounts(visit: Visit) -> Response:
    """All accounts after one was made, disabled, given a new password, which is shown this once, or rid of a second
    factor whose phone is lost.
    """
    form, by = visit.form, visit.signed_in.account.name
    name, act = form.get("name", "").strip(), form.get("act", "")
    shown = None
    with visit.desk.writing() as connection:
        details: dict[str, object] = {"act": act, "name": name}
        if act == "add":
            role = form.get("role", "")
            if role not in list(Role):
                raise BadInput("bad_role", "Chưa chọn vai trò / choose a role.")
            tenants = form.get("tenants", "").replace(",", " ").split()
            shown = people.add(connection, name, Role(role), tenants, by)
            details |= {"role": role, "tenants": tenants}
        elif act == "reset":
            shown = people.reset_password(connection, name)
        elif act == "second_factor_off":
            second_factor.remove(connection, name)
        elif act == "disable" and name != by:
            people.disable(connection, name)
        else:
            raise BadInput("bad_act", "Không làm được việc này / this cannot be done.")
        audit_log.append(connection, "account", details, by)
    return _accounts(visit, name, shown)


def readers(visit: Visit) -> Response:
    """How many people read each tenant's records."""
    found = visit.desk.opened()
    tenants = [f"{sector}-{province}" for sector, province in found.worklist.tenants()]
    with state.reading(visit.desk.engine) as connection:
        told = answers.readers_of(connection)
    return visit.render("readers.html", tenants=[(tenant, told.get(tenant, 1)) for tenant in tenants])


def order_readers(visit: Visit) -> Response:
    """The same after an order."""
    form = visit.form
    tenant, count = form.get("tenant", ""), form.get("readers", "")
    if not people.TENANT.fullmatch(tenant) or "*" in tenant or not count.isdigit():
        raise BadInput("bad_tenants", "Đơn vị viết <ngành>-<mã tỉnh> / a tenant is <sector>-<province>.")
    with visit.desk.writing() as connection:
        answers.order_readers(connection, tenant, int(count), visit.signed_in.account.name, form.get("reason", ""))
    return to("/readers")


def _accounts(visit: Visit, name: str = "", password: str | None = None) -> Response:
    with state.reading(visit.desk.engine) as connection:
        every = people.every(connection)
    return visit.render("accounts.html", accounts=every, roles=list(Role), shown=(name, password) if password else None)
