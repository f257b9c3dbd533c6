"""Nothing listens, nothing leaks: sockets, cookies, secrets, addresses that name a reader."""

import os
import re
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.normalise import discreet, image_url, url
from crawler.replica import running
from tests.conftest import ROOT, Crawl, Site, json_lines, options, records, scrapy
from tests.test_crawl import article, wait_for_lines

# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://example.org/x?email=anna@example.org", "https://example.org/x"),
        ("https://example.org/x?e-mail=anna%40example.org&page=2", "https://example.org/x?page=2"),
        ("https://example.org/x?u=anna%40example.org&page=2", "https://example.org/x?page=2"),
        ("https://example.org/x?PHPSESSID=1a2b&p=7", "https://example.org/x?p=7"),
        ("https://example.org/x;jsessionid=1A2B.n1?p=7", "https://example.org/x?p=7"),
        ("https://example.org/x;jsessionid=1A2B/y", "https://example.org/x/y"),
        ("https://example.org/x?session_id=9&sid=9&sessid=9", "https://example.org/x"),
        ("https://example.org/x?access_token=abc&api_key=def&pwd=g", "https://example.org/x"),
        ("https://example.org/x?ml_subscriber=9&mkt_tok=8&_hsenc=7", "https://example.org/x"),
        ("https://example.org/x?utm_source=a&recipient_id=b&a=c", "https://example.org/x?a=c"),
        ("https://anna:geheim@example.org/x", "https://example.org/x"),
    ],
)
def test_what_names_a_reader_is_dropped(said: str, kept: str) -> None:
    assert url(said) == kept
    assert url(kept) == kept
    assert image_url(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "https://example.org/?p=12345",
        "https://example.org/img?src=logo@2x.png",
        "https://example.org/img?token=abc&w=100",
        "https://example.org/x?page=2&tag=huawei",
        "https://example.org/x;v=2/y",
        "https://example.org/users/anna?tab=texte",
        "https://example.org/@anna",
    ],
)
def test_what_names_a_page_is_kept(said: str) -> None:
    assert url(said) == said


@given(st.text(), st.sampled_from(["email", "sid", "PHPSESSID", "access_token", "page", "u", "x"]))
def test_dropping_twice_changes_nothing(value: str, name: str) -> None:
    once = url(f"https://example.org/x;sid={value}?{name}={value}&page=2")
    assert once is None or url(once) == once


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("<GET https://anna:geheim@example.org/x>", "<GET https://***@example.org/x>"),
        ("in: ftp://anna:geheim@example.org/feed", "in: ftp://***@example.org/feed"),
        ("<404 https://example.org/?sid=1a&p=2>", "<404 https://example.org/?sid=***&p=2>"),
        ("https://example.org/?q=anna%40example.org.", "https://example.org/?q=***"),
        ("{'AWS_SECRET_ACCESS_KEY': 'geheim',", "{'AWS_SECRET_ACCESS_KEY': '***',"),
        (" 'FTP_PASSWORD': \"ge'heim\"}", " 'FTP_PASSWORD': '***'}"),
        ("https://example.org/@anna?page=2 by anna@example.org", None),
        ("'BOT_NAME': 'crawler', 'CONTACT': 'mailto:anna@example.org'", None),
    ],
)
def test_what_is_shown_of_a_line(line: str, shown: str | None) -> None:
    assert discreet(line) == (shown or line)
    assert discreet(discreet(line)) == discreet(line)


SECRETS = ("anna", "geheim")


def test_the_log_the_feed_and_the_report_keep_secrets(
    crawl: Crawl, site: Site, output: Path, tmp_path: Path
) -> None:
    page = article("Öffentlich").replace(
        "</head>",
        '<meta property="og:image" content="https://anna:geheim@i.example/x.jpg?email=anna@i.example">'
        "</head>",
    )
    site.lay("https://winfuture.de/news,156000.html", page)
    lost = "https://winfuture.de/news,156001.html"
    site.lay(lost, status=302, headers={"Location": f"{lost}?sid=geheim&email=anna@example.org"})
    site.lay(f"{lost}?sid=geheim&email=anna@example.org", "", status=404)
    listing = '<a href="/news,156000.html">x</a><a href="/news,156001.html?user=a">x</a>'
    site.lay("https://winfuture.de/special/huawei/", listing)
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        done = crawl(
            *("winfuture", replica, "-L", "DEBUG", "-o", f"file://{tmp_path}/geheim.jsonl"),
            AWS_SECRET_ACCESS_KEY="geheim",
            FTP_PASSWORD="geheim",
        )
    assert "'FTP_PASSWORD': '***'" in done.err
    assert "?sid=***&email=***" in done.err
    assert [record["images"][0]["url"] for record in records(output, "winfuture")] == [
        "https://i.example/x.jpg"
    ]
    written = [path.read_text() for path in output.rglob("*.json*")]
    for told in (*written, done.err.replace(f"{tmp_path}/geheim.jsonl", "")):
        assert [secret for secret in SECRETS if secret in told] == []


# --- sockets and cookies ------------------------------------------------------------------------


def listening(pid: int) -> list[str]:
    """The sockets on which a process waits for others, as Linux lists them."""
    inodes = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(path.readlink())):
                inodes.add(found[1])
    waiting = []
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            fields = line.split()
            is_open = kind.startswith("udp") or fields[3] == "0A"  # TCP_LISTEN
            if fields[9] in inodes and is_open:
                waiting.append(f"{kind} {fields[1]}")
    return waiting


def test_a_socket_that_listens_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp 0100007F:{server.getsockname()[1]:04X}"
        assert address in listening(os.getpid())
    assert address not in listening(os.getpid())


@pytest.mark.parametrize("asked", [{}, {"TELNETCONSOLE_ENABLED": 1, "REMOTE_CONTROL_ENABLED": 1}])
def test_a_crawl_listens_to_nobody(asked: dict[str, int], output: Path) -> None:
    """Also when told to: what would listen is not among the extensions."""
    with running(200, latency_ms=20) as replica:
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture"]
        run = subprocess.Popen(
            [*command, *options(replica, output, **asked)], cwd=ROOT, stderr=subprocess.PIPE
        )
        wait_for_lines(output / "winfuture", 1)
        assert listening(run.pid) == []
        run.terminate()
        run.communicate(timeout=60)


@pytest.mark.parametrize("asked", [{}, {"COOKIES_ENABLED": 1}])
def test_a_cookie_is_never_sent_back(
    asked: dict[str, int], crawl: Crawl, site: Site, tmp_path: Path
) -> None:
    cookie = {"Content-Type": "text/html", "Set-Cookie": "reader=17; Path=/; Max-Age=9999"}
    listing = '<a href="/news,156000.html">x</a>'
    site.lay("https://winfuture.de/special/huawei/", listing, headers=cookie)
    site.lay("https://winfuture.de/news,156000.html", article("Keks"), headers=cookie)
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        assert crawl("winfuture", replica, **asked).code == 0
    asked_for = json_lines(tmp_path / "log")
    assert "/news,156000.html" in {entry["path"] for entry in asked_for}
    assert [entry["path"] for entry in asked_for if "cookie" in entry["headers"]] == []


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["crawl", "winfuture"], ["harvest"]])
def test_a_log_file_that_cannot_be_written_is_one_line(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "nosuch" / "log"
    done = scrapy(*command, "--logfile", path)
    said = f"the log file {path} cannot be written: No such file or directory"
    assert (done.code, done.out, done.err) == (2, "", f"scrapy {command[0]}: {said}\n")


def test_files_belong_to_whom_the_user_lets_them(output: Path) -> None:
    with running(2) as replica:
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture"]
        subprocess.run(
            [*command, *options(replica, output)],
            cwd=ROOT,
            umask=0o077,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    assert {path.stat().st_mode & 0o077 for path in output.rglob("*")} == {0}
