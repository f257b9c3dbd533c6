"""The replica as a program: arguments, failures it plays, its log, pages laid over, its end."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from crawler.replica import ReplicaError, running, stories
from crawler.replica.__main__ import main
from crawler.replica.overlay import Overlay, PagesError
from tests.replica.conftest import ask

TAG_PAGE = "https://winfuture.de/special/huawei/"
TOPIC_PAGE = "https://www.mobiflip.de/thema/huawei/"
COMMAND = [sys.executable, "-m", "crawler.replica"]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().removeprefix("replica on ").strip()
        finally:
            process.kill()


def test_some_articles_fail_once_and_broken_ones_for_good() -> None:
    with running(24, broken=3) as address:
        for site in ("winfuture", "mobiflip"):
            told = list(stories(site, 24))
            if site == "winfuture":  # another address of the article counts as well
                assert ask(address, told[13].url + "?utm_source=x").status == 500
                assert ask(address, told[13].url).status == 200
            first = [ask(address, story.url).status for story in told]
            second = [ask(address, story.url).status for story in told]
            failed = [place for place, status in enumerate(first) if status == 500]
            assert failed == ([] if site == "winfuture" else [15])
            assert second == [200] * 21 + [404] * 3
        listed = html.fromstring(ask(address, f"{TAG_PAGE}2/").body)
        assert len(listed.xpath("//div[@class='special_teaser']")) == 9


def test_many_articles_cost_nothing_at_the_start() -> None:
    with running(100_000) as address:
        last = html.fromstring(ask(address, f"{TAG_PAGE}6667/").body.decode("cp1252"))
        assert len(last.xpath("//div[@class='special_teaser']")) == 10
        assert ask(address, f"{TAG_PAGE}6668/").status == 404


def test_the_log_holds_one_line_for_each_request(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    log.write_text('{"path": "older"}\n')
    before = time.time()
    with running(3, log=log, latency_ms=150) as address, ThreadPoolExecutor(3) as pool:
        urls = [TAG_PAGE, TOPIC_PAGE + "?a=b", "https://winfuture.de/news,1.html"]
        answers = list(pool.map(lambda url: ask(address, url, User_Agent="probe/1"), urls))
    lines = [json.loads(line) for line in log.read_text().splitlines()][1:]
    assert {line["path"] for line in lines} == {
        "/special/huawei/", "/thema/huawei/?a=b", "/news,1.html",
    }  # fmt: skip
    assert {line["status"] for line in lines} == {200, 404}
    assert {line["bytes"] for line in lines} == {len(answer.body) for answer in answers}
    assert sorted(line["active"] for line in lines) == [1, 2, 3]
    for line in lines:
        assert before <= line["time"] <= line["end"] - 0.14
        assert line["method"] == "GET"
        assert line["user_agent"] == "probe/1"
        assert line["headers"]["host"] == line["host"]


def overlay(folder: Path, pages: Any) -> Path:
    (folder / "pages.json").write_text(json.dumps(pages))
    return folder


def test_pages_are_laid_over_and_listed_first(tmp_path: Path) -> None:
    known = next(stories("winfuture", 1)).url
    (tmp_path / "fresh.html").write_bytes("<title>Grüße &amp; mehr</title>".encode("cp1252"))
    pages = {
        "https://winfuture.de/news,139377.html": {"file": "fresh.html"},
        "https://www.mobiflip.de/frischer-beitrag/": {
            "file": "fresh.html", "headers": {"Content-Type": "text/html; charset=UTF-8"},
        },
        known: {"status": 410},
        "https://winfuture.de/robots.txt": {"file": "fresh.html", "status": 503},
        "https://winfuture.de/seite?x=1": {"status": 302, "headers": {"Location": "/"}},
    }  # fmt: skip
    with running(20, pages=overlay(tmp_path, pages)) as address:
        answer = ask(address, "https://winfuture.de/news,139377.html")
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.body == (tmp_path / "fresh.html").read_bytes()
        tag = answer.headers["ETag"]
        again = ask(address, "https://winfuture.de/news,139377.html", If_None_Match=tag)
        assert again.status == 304
        assert ask(address, known).status == 410
        assert ask(address, "https://winfuture.de/robots.txt").status == 503
        assert ask(address, "https://winfuture.de/seite?x=1").headers["Location"] == "/"
        assert ask(address, "https://winfuture.de/seite").status == 404
        tree = html.fromstring(ask(address, TAG_PAGE).body.decode("cp1252"))
        teasers = tree.xpath("//div[@class='special_teaser']/h3/a")
        assert teasers[0].get("href") == "/news,139377.html"
        assert teasers[0].text == "Grüße & mehr"
        assert len(teasers) == 15
        topic = html.fromstring(ask(address, TOPIC_PAGE).body.decode("utf-8"))
        first = topic.xpath("//li[@class='infinite-post']/a/@href")[0]
        assert first == "https://www.mobiflip.de/frischer-beitrag/"
        other = html.fromstring(ask(address, "https://winfuture.de/special/nasa/").body)
        assert len(other.xpath("//div[@class='special_teaser']")) == 1


def test_a_site_may_be_empty_and_its_listing_laid_over(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<p>nichts</p>")
    with running(0, pages=overlay(tmp_path, {TAG_PAGE: {"file": "empty.html"}})) as address:
        assert ask(address, TAG_PAGE).body == b"<p>nichts</p>"
        topic = html.fromstring(ask(address, TOPIC_PAGE).body.decode("utf-8"))
        assert not topic.xpath("//li[@class='infinite-post']/a")
        assert ask(address, "https://winfuture.de/sitemap.xml").status == 200


@pytest.mark.parametrize(
    ("pages", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        (None, "No such file"),
        ('{"https://winfuture.de/": {"file": "gone.html"}}', "gone.html: No such file"),
        ('{"https://winfuture.de/": {"status": "ok"}}', "status 'ok'"),
        ('{"https://winfuture.de/": {"headers": {"A": 1}}}', "headers"),
        ('{"https://winfuture.de/": []}', "not an object"),
        ('{"/news,1.html": {"status": 404}}', "no absolute URL"),
    ],
)
def test_bad_pages_are_refused_in_one_line(
    tmp_path: Path, pages: str | None, complaint: str
) -> None:
    if pages is not None:
        (tmp_path / "pages.json").write_text(pages)
    with pytest.raises(PagesError) as refused:
        Overlay(tmp_path)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--articles", "-1"],
        ["--articles", "many"],
        ["--articles", "100001"],
        ["--port", "70000"],
        ["--latency-ms", "-5"],
        ["--what"],
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.err.startswith("replica: ")
    assert said.err.count("\n") == 1
    assert not said.out


def test_what_cannot_be_opened_is_named_in_one_line(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, complaint in (
        (["--log", str(tmp_path / "gone" / "log.jsonl")], "gone/log.jsonl"),
        (["--port", address.rpartition(":")[2]], "address already in use"),
        (["--pages", str(tmp_path)], "pages.json: No such file"),
    ):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert complaint in said
        assert said.count("\n") == 1


def test_running_reports_what_went_wrong(tmp_path: Path) -> None:
    with (
        pytest.raises(ReplicaError, match=r"code 2: replica: .*pages\.json"),
        running(pages=tmp_path),
    ):
        pass


def test_an_interrupt_ends_it_quietly() -> None:
    with started() as (process, address):
        assert ask(address, TAG_PAGE).status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_it_dies_with_a_parent_that_is_killed() -> None:
    program = (
        "import time\nfrom crawler.replica import running\n"
        "with running(1) as address:\n print(address, flush=True)\n time.sleep(60)\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdout=pipe, text=True) as parent:
        assert parent.stdout
        address = parent.stdout.readline().strip()
        assert ask(address, TAG_PAGE).status == 200
        parent.kill()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            ask(address, TAG_PAGE)
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("the replica outlived its parent")


def test_the_server_is_loaded_only_where_it_runs() -> None:
    program = "import sys, crawler.replica; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env=dict(os.environ)).returncode == 0


def test_clients_that_hang_up_or_babble_leave_it_calm() -> None:
    with started("--latency-ms=50") as (process, address):
        host, _, port = address.partition(":")
        for request in (
            b"GET / HTTP/1.1\r\nHost: winfuture.de\r\n\r\n",
            b"\x16\x03 babble\r\n\r\n",
        ):
            for wait in (0.0, 0.07):
                with socket.create_connection((host, int(port))) as line:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    line.sendall(request)
                    time.sleep(wait)
        assert ask(address, "https://winfuture.de//[x").status == 404
        process.terminate()
        assert process.wait(5) == 0
        assert process.stderr
        assert process.stderr.read() == ""
