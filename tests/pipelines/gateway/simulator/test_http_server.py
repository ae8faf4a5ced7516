"""The service as a process of its own: killed and started again it remembers; its log and addresses name nobody."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput, GatewayDown, GatewayRefused, GatewayTimeout
from pipelines.gateway.client import connect
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.http import Http
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import messages, secret, signing
from pipelines.gateway.protocol.signing import Request
from tests.pipelines.gateway.far_end import AN, SECRET, FarEnd, Hand, asked, served
from tests.pipelines.verify.world import FIRST, number, registry

ROOT = Path(__file__).parents[4]
THREE = asked({}, {"id_number": number(2)}, {"full_name": "Trần Thị Bình"})


@pytest.fixture
def far_end(tmp_path: Path) -> FarEnd:
    return FarEnd("http", tmp_path)


@contextmanager
def process(place: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`sachsong gateway` and its address; killed at the end."""
    command = [sys.executable, "-m", "pipelines.cli", "gateway", "--registry", str(place / "registry.parquet")]
    command += ["--workspace", str(place), "--port", "0", "--clock", f"@{place / 'clock'}", "--json", *options]
    environment = os.environ | {secret.VARIABLE: SECRET.decode()}
    with (place / "log").open("a", encoding="utf-8") as log:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
        )
        assert child.stdout is not None
        try:
            told = ""
            while not told.rstrip().endswith("}"):
                line = child.stdout.readline()
                assert line, (place / "log").read_text(encoding="utf-8")
                told += line
            yield child, json.loads(told)["url"]
        finally:
            child.kill()
            child.communicate(timeout=30)


def test_a_process_that_is_killed_and_started_again(tmp_path: Path) -> None:
    now = Hand()
    registry(tmp_path / "registry.parquet", [{"person_id": number(n)} for n in range(10)])
    (tmp_path / "clock").write_text(now().isoformat(), encoding="utf-8")
    with process(tmp_path, "--cap", "3") as (child, url), Http(url, 30.0) as carrier:
        gateway = Gateway(SignedTransport(carrier, SECRET, Sender(), now))
        answers = gateway.ask(THREE)
        assert answers["result"].to_list() == ["MATCH", "MATCH", "MISMATCH"]
        child.send_signal(signal.SIGKILL)
        child.wait(30)
        with pytest.raises((GatewayDown, GatewayTimeout)):  # a connection in the pool breaks, the next is refused
            gateway.results(["r0"])
        with pytest.raises(GatewayDown):
            gateway.results(["r0"])
    now.step(86_400)
    (tmp_path / "clock").write_text(now().isoformat(), encoding="utf-8")
    with process(tmp_path, "--cap", "3") as (child, url), Http(url, 30.0) as carrier:
        gateway = Gateway(SignedTransport(carrier, SECRET, Sender(), now))
        assert gateway.results(["r0", "r1", "r2"]).equals(answers)
        assert gateway.ask(THREE).equals(answers), "charged yesterday, and not again"
        child.send_signal(signal.SIGTERM)
        child.wait(30)
    assert FarEnd("http", tmp_path).charged() == {"2026-11-22": 3}
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert not [value for value in (number(1), number(2), *AN.values(), SECRET.decode()) if value in log]


def get(url: str, code: str, now: Hand) -> httpx.Response:
    request = Request("GET", f"/ketqua/{code}", "s79", "can bo", f"nonce of {code}", now().isoformat(), b"")
    return httpx.get(f"{url}{request.path}", headers=request.headers(SECRET), trust_env=False)


def test_one_result_by_its_code_and_the_headers(far_end: FarEnd) -> None:
    with far_end.carrier(10.0) as carrier:
        assert isinstance(carrier, Http)
        url = str(carrier._client.base_url).rstrip("/")
        Gateway(SignedTransport(carrier, SECRET, Sender(), far_end.now)).ask(THREE)
        told = get(url, "r2", far_end.now)
        assert [row["KetQua"] for row in told.json()["response"]["data"]] == ["MISMATCH"]
        assert get(url, "never", far_end.now).json()["response"]["data"] == []
        quota = [told.headers[f"X-Quota-{name}"] for name in ("Day", "Limit", "Remaining", "Reset")]
        assert quota == ["2026-11-22", "100", "97", "2026-11-23T00:00:00+07:00"]
        assert told.headers["Date"] == "Sun, 22 Nov 2026 05:00:00 GMT", "by the gateway's clock"
        text = signing.answer_text(200, told.headers[signing.REQUEST_HASH], told.content)
        assert signing.is_signed(SECRET, text, told.headers[signing.SIGNATURE])
        assert httpx.get(f"{url}/health", trust_env=False).text == "ok"
        assert httpx.get(f"{url}/xacthuc", trust_env=False).status_code == 405
        assert httpx.post(f"{url}/nowhere", trust_env=False).status_code == 404
        assert httpx.post(f"{url}/xacthuc", content=b"x" * 2_000_001, trust_env=False).status_code == 413
        assert httpx.post(f"{url}/xacthuc", content=b"{}", trust_env=False).status_code == 401


STATUSES = [
    # how the message is changed, status, code, why
    ({}, 200, "0", "as it should be"),
    ({"sent_at": "2026-11-22T11:54:59+07:00"}, 408, "EXPIRED", "301 s old"),
    ({"sent_at": "2026-11-22T12:01:01+07:00"}, 425, "FUTURE", "61 s ahead"),
    ({"unit": "unknown"}, 403, "FORBIDDEN", "may not ask"),
    ({"sent_at": "noon"}, 400, "FORMAT", "no time"),
    ({"body": b"{}"}, 400, "FORMAT", "no codes"),
]


@pytest.mark.parametrize(("changes", "status", "code", "why"), STATUSES, ids=[row[3] for row in STATUSES])
def test_each_status(far_end: FarEnd, changes: dict[str, object], status: int, code: str, why: str) -> None:
    values = {"unit": "s79", "sent_at": far_end.now().isoformat(), "body": messages.codes_body(["r0"])} | changes
    request = Request(method="POST", path="/ketqua", officer="can bo", nonce="n", **values)  # type: ignore[arg-type]
    with far_end.carrier(10.0, units=frozenset({"s79"})) as carrier:
        reply = carrier.carry(request, request.headers(SECRET))
        assert (reply.status, messages.read_envelope(reply.body).response.error_code0) == (status, code), why
        if status == 200:
            again = carrier.carry(request, request.headers(SECRET))
            assert (again.status, messages.read_envelope(again.body).error) == (409, "REPLAYED")


def test_what_goes_wrong_inside_is_told_without_a_value(
    far_end: FarEnd, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault's own text may be personal; and whoever goes away before the whole message came is no fault at all."""

    def fail(*_: object) -> None:
        raise ValueError(f"cannot convert {number(1)}")

    monkeypatch.setattr("pipelines.gateway.simulator.answering.Answering.ask", fail)
    with far_end.carrier(10.0) as carrier:
        assert isinstance(carrier, Http)
        with pytest.raises(GatewayTimeout, match="HTTP_500"):
            SignedTransport(carrier, SECRET, Sender(), far_end.now).ask(THREE)
        address = (str(carrier._client.base_url.host), carrier._client.base_url.port or 0)
        with socket.create_connection(address) as going:
            going.sendall(b"POST /xacthuc HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
        assert httpx.get(f"{str(carrier._client.base_url).rstrip('/')}/health", trust_env=False).text == "ok"
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1
    assert told[0].startswith("our fault: ValueError (test_http_server.py:")


ODD_SIGNATURES = ["", "00", "\xe9" * 64, "ký"]


@pytest.mark.parametrize("signature", ODD_SIGNATURES)
def test_whatever_stands_in_place_of_a_signature_is_none(far_end: FarEnd, signature: str) -> None:
    request = Request("POST", "/ketqua", "s79", "can bo", "n", far_end.now().isoformat(), messages.codes_body(["r0"]))
    headers = request.headers(SECRET) | {signing.SIGNATURE: signature}
    with far_end.carrier(10.0) as carrier:
        assert isinstance(carrier, Http)
        raw = {name: value.encode() for name, value in headers.items()}
        url = f"{str(carrier._client.base_url).rstrip('/')}{request.path}"
        reply = httpx.post(url, content=request.body, headers=raw, trust_env=False)
        assert reply.status_code == 401


def test_the_settings_name_the_gateway(far_end: FarEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = registry(tmp_path / "registry.parquet", far_end.people)
    settings = Settings(workspace=tmp_path / "ours", night=FIRST, daily_cap=1)
    with connect.open_transport(settings, people) as line:
        assert line.ask(THREE)["error"].null_count() == 1, "embedded, with the settings' cap"
    (tmp_path / "secret").write_bytes(SECRET)
    with far_end.carrier(10.0) as carrier:
        assert isinstance(carrier, Http)
        there = {"gateway_url": str(carrier._client.base_url), "gateway_clock": far_end.now().isoformat()}
        named = settings.model_copy(update=there | {"gateway_secret_file": tmp_path / "secret"})
        with connect.open_transport(named, people) as line:
            assert line.ask(THREE)["error"].null_count() == 3
        monkeypatch.delenv(secret.VARIABLE, raising=False)
        with pytest.raises(BadInput), connect.open_transport(settings.model_copy(update=there), people):
            pass
        monkeypatch.setenv(secret.VARIABLE, "another secret, as long")
        with connect.open_transport(settings.model_copy(update=there), people) as line, pytest.raises(GatewayRefused):
            line.ask(THREE)


ADDRESSES = [
    ("http://cong.example.vn", "not_encrypted", "personal data over a network"),
    ("http://10.0.0.7:8306", "not_encrypted", "another machine"),
    ("https://ai:" + "matkhau@cong.example.vn", "bad_url", "a password in an address ends up in logs"),
    ("ftp://cong.example.vn", "bad_url", "another protocol"),
    ("cong.example.vn", "bad_url", "no protocol"),
    ("", "bad_url", "nothing"),
    ("http://[", "not_encrypted", "no machine"),
]


@pytest.mark.parametrize(("url", "code", "why"), ADDRESSES, ids=[row[2] for row in ADDRESSES])
def test_an_address_that_is_not_taken(url: str, code: str, why: str) -> None:
    with pytest.raises(BadInput) as raised:
        Http(url, 1.0)
    assert raised.value.code == code, why
    assert "matkhau" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://cong.vn"])
def test_an_address_that_is_taken(url: str) -> None:
    with Http(url, 1.0):
        pass


def test_nobody_listens(far_end: FarEnd) -> None:
    with far_end.carrier(1.0) as carrier:
        assert isinstance(carrier, Http)
        url = str(carrier._client.base_url)
    with Http(url, 1.0) as carrier, pytest.raises(GatewayDown):
        SignedTransport(carrier, SECRET, Sender(), far_end.now).ask(THREE)


def test_several_at_once_are_answered_each_its_own(far_end: FarEnd) -> None:
    """Eight threads, one gateway: every answer is whole, every question is charged once, the cap holds."""
    from concurrent.futures import ThreadPoolExecutor

    from pipelines.gateway.simulator import service

    people = registry(far_end.place / "registry.parquet", far_end.people)
    batches = [asked(*({"request_id": f"t{t}-{n}", "id_number": number(t)} for n in range(20))) for t in range(8)]
    with (
        service.open_service(people, far_end.place / "gateway.sqlite", cap=100, secret=SECRET, now=far_end.now) as desk,
        served(desk) as url,
        ThreadPoolExecutor(8) as threads,
        Http(url, 30.0) as carrier,
    ):
        line = SignedTransport(carrier, SECRET, Sender(), far_end.now)
        answers = list(threads.map(line.ask, batches[:5]))
        assert [frame["request_id"].to_list() for frame in answers] == [
            batch["request_id"].to_list() for batch in batches[:5]
        ]
        assert {result for frame in answers for result in frame["result"]} == {"MATCH"}
        assert far_end.charged() == {"2026-11-22": 100}
