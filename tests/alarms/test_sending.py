"""Alarms reach people: a real mail server and a real web server of this machine receive them."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from crawler.alarms.sending import pass_on
from crawler.replica import running
from crawler.report import Alarm, reports
from tests.alarms.made import report
from tests.conftest import Crawl, Site
from tests.processes import scrapy


def alarm(kind: str = "silence", **told: Any) -> Alarm:
    return Alarm(kind=kind, evidence="Nothing new.", cause="Old.", since="2026-01-20", **told)


@contextmanager
def web_server(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A receiver of webhooks: its address, and what it was told."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"json://127.0.0.1:{server.server_port}/", got
        finally:
            server.shutdown()
            thread.join()


class Box(Message):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.got.append(message_from_bytes(message.as_bytes(), policy=default))


def test_each_alarm_is_sent_once_and_when_it_is_over() -> None:
    with web_server() as (address, got):
        first = [alarm()]
        pass_on(report(), first, [], [address])
        assert first[0].is_told
        assert got[0]["title"] == "winfuture, huawei: alarm: silence"
        assert "silence since 2026-01-20: Nothing new. Old." in got[0]["message"]
        again = [alarm(), alarm("walled")]
        pass_on(report(), again, first, [address])
        assert "walled" in got[1]["message"]
        assert "silence" not in got[1]["message"]
        pass_on(report(), again, again, [address])
        assert len(got) == 2
        pass_on(report(), [], again, [address])
        assert got[2]["title"] == "winfuture, huawei: 2 alarms are over"
        assert got[2]["type"] == "success"
        assert "Over: walled, which began 2026-01-20." in got[2]["message"]


def test_a_receiver_that_fails_is_tried_again_after_the_next_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = [alarm()]
    with web_server(500) as (address, got):
        pass_on(report(), before, [], [f"{address}?pass=geheim"])
    assert (len(got), before[0].is_told) == (1, False)
    assert "Alarms could not be sent to receiver 1 (json://)" in caplog.text
    assert "geheim" not in caplog.text
    with web_server() as (address, got):
        pass_on(report(), [alarm()], before, [address])
    assert len(got) == 1


def test_without_receivers_nothing_is_sent_and_nothing_imported() -> None:
    told = [alarm()]
    pass_on(report(), told, [], [])
    assert not told[0].is_told


def test_an_alarm_comes_by_mail_after_a_real_crawl(
    crawl: Crawl, output: Path, site: Site, replica: str
) -> None:
    """The tag page is empty; on the next day it is not, and the same receiver is told."""
    site.lay("https://winfuture.de/special/huawei/", "<html><body>Nichts</body></html>")
    site.lay("https://static.winfuture.de/feeds/special/huawei/latest-rss2.0.xml", status=404)
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mail = Controller(box, hostname="127.0.0.1", port=port)
    mail.start()
    try:
        told = {"ALARMS_TO": f"mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org"}
        with running(3, pages=site.folder) as empty:
            done = crawl("winfuture", empty, **told)
        assert done.code == 1
        assert "\nwinfuture: ALARM: listing since" in done.err
        assert "b@example.org" not in done.err
        (mailed,) = box.got
        assert mailed["Subject"] == "winfuture, huawei: alarm: listing"
        assert "names no article" in mailed.get_body(("plain",)).get_content()
        assert crawl("winfuture", replica, **told).code == 0
        assert box.got[1]["Subject"] == "winfuture, huawei: all clear"
    finally:
        mail.stop()
    first, second = reports(output)
    assert [(it.kind, it.is_told) for it in first.alarms] == [("listing", True)]
    assert (first.exit_code, second.alarms) == (1, [])
    assert "example.org" not in "".join(p.read_text() for p in output.rglob("runs/*"))


def test_what_is_no_receiver_is_refused_without_showing_it(output: Path) -> None:
    done = scrapy("crawl", "winfuture", "-s", "ALARMS_TO=nosuch://geheim", "-s", "CONTACT=a@b.de")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "ALARMS_TO *** names what is no receiver" in done.err
