"""Answers the page on which a filled-in list is handed in: what became of each of its answers."""

import tempfile
from pathlib import Path

from starlette.responses import Response

from pipelines.report.labels import halves
from pipelines.review import list_answers
from pipelines.review.list_answers import Sender
from pipelines.review.list_answers_words import WHY
from pipelines.review.web import roles
from pipelines.review.web.roles import Act
from pipelines.review.web.visit import NotAllowed, Visit

MOST_REASONS = 200
"""Refused answers that the page tells one by one; the returned copy has all."""


def form(visit: Visit) -> Response:
    """The page that asks for the list."""
    return visit.render("lists.html", taken=None, reasons=[])


def hand_in(visit: Visit) -> Response:
    """What became of the answers of the list that was handed in, which are the visitor's, whoever filled it in."""
    account, settings = visit.signed_in.account, visit.desk.settings
    if not visit.sent:
        return visit.refuse(400, "Hãy chọn tệp danh sách đã điền.", "Choose the filled-in list.")
    with tempfile.TemporaryDirectory(prefix="sachsong-") as folder:
        path = Path(folder) / "list.xlsx"  # its own name may be a person's
        path.write_bytes(visit.sent)
        if not list_answers.is_list(path):
            return visit.refuse(400, "Tệp không phải danh sách của Sạch Sống.", "The file is no list of ours.")
        if not all(roles.concerns(account, *tenant) for tenant in list_answers.tenants(settings, path)):
            raise NotAllowed
        taken = list_answers.take(settings, path, Sender(account.name, roles.may(account, Act.settle)))
    reasons = [(row, visit.say(*halves(WHY[why]))) for row, why in taken.reasons[:MOST_REASONS]]
    return visit.render("lists.html", taken=taken, reasons=reasons)
