"""What a signature covers: everything that could be changed on the way."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipelines.config import TIME_ZONE
from pipelines.gateway.protocol import signing
from pipelines.gateway.protocol.signing import Request

SECRET = b"not a secret, only a test's"
REQUEST = Request("POST", "/xacthuc", "s79", "can bo", "n1", "2026-11-22T12:00:00+07:00", b"{}")


def test_a_signature_by_hand() -> None:
    """HMAC-SHA256 as RFC 4231 has it (test case 2)."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signing.mac(b"Jefe", b"what do ya want for nothing?") == expected


@pytest.mark.parametrize("field", ["method", "path", "unit", "officer", "nonce", "sent_at", "body"])
def test_each_field_is_signed(field: str) -> None:
    changed = replace(REQUEST, **{field: b"[]" if field == "body" else "other"})
    signature = REQUEST.headers(SECRET)[signing.SIGNATURE]
    assert signing.is_signed(SECRET, REQUEST.text, signature)
    assert not signing.is_signed(SECRET, changed.text, signature)
    assert changed.hash != REQUEST.hash


@pytest.mark.parametrize("signature", ["", "\xe9", "ký", "0" * 10_000])
def test_no_text_that_came_over_the_line_is_worse_than_wrong(signature: str) -> None:
    assert not signing.is_signed(SECRET, REQUEST.text, signature)


def test_fields_cannot_run_into_each_other() -> None:
    assert replace(REQUEST, unit="a", officer="bc").text != replace(REQUEST, unit="ab", officer="c").text


@pytest.mark.parametrize("changed", [(201, "h", b"x"), (200, "i", b"x"), (200, "h", b"y")])
def test_an_answer_is_signed_with_its_status_its_request_and_its_body(changed: tuple[int, str, bytes]) -> None:
    assert signing.answer_text(*changed) != signing.answer_text(200, "h", b"x")


AGES = [
    ("2026-11-22T12:00:00+07:00", 300.0),
    ("2026-11-22T05:00:00+00:00", 300.0),
    ("2026-11-22T12:06:00+07:00", -60.0),
    ("2026-11-22T12:00:00", None),
    ("trưa nay", None),
    ("", None),
]


@pytest.mark.parametrize(("sent_at", "expected"), AGES)
def test_how_old_a_message_is(sent_at: str, expected: float | None) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=TIME_ZONE) + timedelta(minutes=5)
    assert signing.age_s(sent_at, now) == expected


def test_the_secret_is_in_no_text_of_an_object() -> None:
    from pipelines.gateway.simulator.quota import Quota
    from pipelines.gateway.simulator.replies import Replies

    assert "secret" not in repr(Replies(SECRET, Quota(cap=1)))
