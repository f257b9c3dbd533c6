"""A server that does its worst, on bare sockets: each answer has the outcome stated here.

One crawl meets all of it, sound articles in between: docs/hostile-input.md tells the same.
"""

import gzip
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Crawl, json_lines, options, records
from tests.raw_server import Talk, and_closes, and_resets, answer, forever, moved, nothing, serving
from tests.test_crawl import article

SECONDS = 2  # for an answer
FIRST = 156000  # the number of the first hostile article
SOUND = (155000, 157000, 158000)  # listed before, between and after the hostile ones

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
GZIP = "Content-Encoding: gzip"


def bomb(megabytes: int) -> bytes:
    """A gzip file that holds so many megabytes of zeros, in a thousandth of that."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return bytes.fromhex("1f8b0800000000000003") + block * megabytes


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 99]), body[i : i + 99]) for i in (0, 99))


PAGE = article("Halb", "Ein langer Satz. " * 200).encode()

# What the server says, and what the log says of it.
LOST: dict[str, tuple[bytes | Talk, str]] = {
    "one byte of the body a while, for ever": (
        forever(HEAD + b"Content-Length: 999\r\n\r\n", b"x", 0.1),
        f"took longer than {SECONDS}.0 seconds",
    ),
    "one byte of the headers a while, for ever": (
        forever(HEAD + b"X-Slow: ", b"x", 0.1),
        f"took longer than {SECONDS}.0 seconds",
    ),
    "nothing at all, for ever": (nothing, f"took longer than {SECONDS}.0 seconds"),
    "a body without an end": (
        forever(HEAD + b"\r\n", b"x" * 65536),
        "the answer is longer than DOWNLOAD_MAXSIZE, 1000000 bytes",
    ),
    "a body announced as too long": (
        and_closes(HEAD + b"Content-Length: 99999999999\r\n\r\nx"),
        "the answer is longer than DOWNLOAD_MAXSIZE, 1000000 bytes",
    ),
    "headers without an end": (
        forever(HEAD, b"X-Filler: " + b"x" * 9000 + b"\r\n"),
        "EndlessHeadError: the headers do not end",
    ),
    "interim answers without an end": (
        forever(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 1000),
        "EndlessHeadError: the headers do not end",
    ),
    "a header line of a megabyte": (
        and_closes(HEAD + b"X-Long: " + b"x" * 2**20 + b"\r\n\r\nx"),
        "DownloadFailedError",
    ),
    "four gigabytes in four megabytes of gzip": (
        answer(bomb(900), GZIP),
        "it exceeds DOWNLOAD_MAXSIZE: it is longer than 1000000 bytes, once unpacked",
    ),
    "a thousand gzip files in a row": (
        answer(gzip.compress(b"") * 1000, GZIP),
        "its gzip body has more than 16 members",
    ),
    "gzip within gzip": (
        answer(gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip"),
        "its body is encoded as 'gzip, gzip', not as gzip",
    ),
    "gzip within gzip, said in two headers": (
        answer(gzip.compress(gzip.compress(PAGE)), GZIP, GZIP),
        "its body is encoded as 'gzip,gzip', not as gzip",
    ),
    "an encoding nobody asked for": (
        answer(zlib.compress(PAGE), "Content-Encoding: deflate"),
        "its body is encoded as 'deflate', not as gzip",
    ),
    "gzip that ends too early": (
        answer(gzip.compress(PAGE)[:-9], GZIP),
        "ResponseDataLossError: its gzip body ends too early",
    ),
    "gzip with a wrong checksum": (
        answer(gzip.compress(PAGE)[:-8] + bytes(8), GZIP),
        "ResponseDataLossError: its gzip body is damaged",
    ),
    "gzip that is none": (answer(PAGE, GZIP), "ResponseDataLossError: its gzip body is damaged"),
    "a length that is too long": (
        and_closes(answer(PAGE, f"Content-Length: {len(PAGE) + 9}")),
        "ResponseDataLossError",
    ),
    "a length that is no number": (
        and_closes(answer(PAGE, "Content-Length: many")),
        "DownloadFailedError",
    ),
    "two lengths": (
        and_closes(answer(PAGE, "Content-Length: 5", f"Content-Length: {len(PAGE)}")),
        "DownloadFailedError",
    ),
    "chunks that end too early": (
        and_closes(answer(chunked(PAGE), "Transfer-Encoding: chunked")),
        "ResponseDataLossError",
    ),
    "chunks of no length": (
        and_closes(answer(b"many\r\nx\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
        "could not be had",
    ),
    "a connection reset in the middle": (
        and_resets(answer(PAGE)[:-500]),
        "ResponseDataLossError",
    ),
    "a connection reset at once": (and_resets(b""), "DownloadFailedError"),
    "a connection closed at once": (and_closes(b""), "DownloadFailedError"),
    "HTTP/0.9": (and_closes(b"<html>Guten Tag</html>\n" * 9), "DownloadFailedError: ParseError"),
    "noise": (and_closes(bytes(range(256)) * 99), "DownloadFailedError"),
    "a status that is none": (
        and_closes(answer("x", status="999 Jein")),
        "the server answered 999",
    ),
    "a redirect to itself": (b"", "max redirections reached"),
    "a chain of redirects": (b"", "max redirections reached"),
    "a redirect without a target": (
        answer("x", status="301 Moved"),
        "the server answered 301",
    ),
    "a redirect to a file": (moved("file:///etc/passwd"), "the server answered 302"),
    "a redirect to data": (moved("data:text/html,<h1>x</h1>"), "the server answered 302"),
    "a redirect to FTP": (moved("ftp://winfuture.de/x"), "the server answered 302"),
    "a redirect to a script": (moved("javascript:alert(1)"), "ValueError: Missing scheme"),
    "a redirect to S3": (moved("s3://bucket/key"), "the server answered 302"),
}
# Where a redirect may lead that no request may, and what the log says of it.
AWAY = {
    "http://evil.example/?email=anna@example.org": "evil.example, which is no host of this site",
    "https://winfuture.de.evil.example/": "winfuture.de.evil.example, which is no host",
    "https://winfuture.de@evil.example/": "evil.example, which is no host",
    "https://winfuture.de./news,155000.html": "winfuture.de., which is no host",
    "https://anna:geheim@winfuture.de/x": "winfuture.de on another port or with credentials",
    "https://winfuture.de:8443/": "winfuture.de on another port or with credentials",
    "//evil.example/x": "evil.example, which is no host",
    "http://127.0.0.1/": "127.0.0.1, which is no host",
    "http://localhost/": "localhost, which is no host",
    "http://2130706433/": "2130706433, which is no host",
    "http://017700000001/": "017700000001, which is no host",
    "http://0x7f000001/": "0x7f000001, which is no host",
    "http://127.1/": "127.1, which is no host",
    "http://0/": "0, which is no host",
    "http://[::1]/": "::1, which is no host",
    "http://[::ffff:127.0.0.1]/": "::ffff:127.0.0.1, which is no host",
    "http://10.0.0.1/": "10.0.0.1, which is no host",
    "http://169.254.169.254/latest/meta-data/": "169.254.169.254, which is no host",
    "http://[fd00:ec2::254]/": "fd00:ec2::254, which is no host",
    "http://metadata.google.internal/": "metadata.google.internal, which is no host",
    "http://①②⑦.⓪.⓪.①/": "127.0.0.1, which is no host",
    "http://127。0。0。1/": "127.0.0.1, which is no host",
}
CASES = LOST | {
    f"a redirect to {url}": (moved(url), f"it leads to {said}") for url, said in AWAY.items()
}
NUMBERS = {name: FIRST + place for place, name in enumerate(CASES)}
KEPT = {
    "a length that is too short": 159000,
    "gzip in two parts, with padding": 159001,
    "chunks that end": 159002,
    "a redirect to the same host in capitals": 159003,
    "many headers": 159004,
    "a cookie": 159005,
}


def path(number: int) -> str:
    return f"/news,{number}.html"


def said_of(number: int, name: str, said: bytes | Talk) -> bytes | Talk:
    if name == "a redirect to itself":
        return moved(path(number))
    if name == "a chain of redirects":
        return moved(f"/chain/{number}/0")
    return said


def pages() -> dict[str, bytes | Talk]:
    """All that the server says, by path."""
    numbers = [SOUND[0], *NUMBERS.values(), SOUND[1], *KEPT.values(), SOUND[2]]
    links = "".join(f'<a href="{path(number)}">x</a>' for number in numbers)
    says: dict[str, bytes | Talk] = {"/special/huawei/": answer(f"<html>{links}</html>")}
    for number in (*SOUND, *KEPT.values()):
        says[path(number)] = answer(article(f"Artikel {number}", number=number))
    for name, number in NUMBERS.items():
        says[path(number)] = said_of(number, name, CASES[name][0])
        for step in range(9):
            says[f"/chain/{number}/{step}"] = moved(f"/chain/{number}/{step + 1}")
    sound = {
        name: article(f"Artikel {number}", number=number).encode() for name, number in KEPT.items()
    }
    cut, parts, chunks, capitals, many, cookie = sound
    page = sound[cut]
    says[path(KEPT[cut])] = answer(page + b"<p>mehr</p>", f"Content-Length: {len(page)}")
    packed = gzip.compress(sound[parts][:300]) + gzip.compress(sound[parts][300:]) + bytes(20)
    says[path(KEPT[parts])] = answer(packed, GZIP)
    pieces = b"%x\r\n%s\r\n0\r\n\r\n" % (len(sound[chunks]), sound[chunks])
    says[path(KEPT[chunks])] = answer(pieces, "Transfer-Encoding: chunked")
    says[path(KEPT[capitals])] = moved(f"HTTPS://WINFUTURE.DE:443/again,{KEPT[capitals]}")
    says[f"/again,{KEPT[capitals]}"] = answer(sound[capitals])
    says[path(KEPT[many])] = answer(sound[many], *(f"X-{n}: {n}" for n in range(2000)))
    says[path(KEPT[cookie])] = answer(sound[cookie], "Set-Cookie: id=geheim; Path=/")
    return says


# A program's peak includes the memory of who started it (see benchmarks.measure), so a small one
# must; ours has grown with the tests before.
MEASURE = """import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))"""


@dataclass(frozen=True)
class Run:
    """The crawl, when it has ended. memory: the most it held, in MB."""

    code: int
    log: str
    output: Path
    requests: list[str]
    memory: float


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("hostile")
    limits = {"DOWNLOAD_TIMEOUT": SECONDS, "DOWNLOAD_MAXSIZE": 1_000_000, "RETRY_TIMES": 0}
    with serving(pages()) as server, (folder / "log").open("w+") as log:
        told = options(server.address, folder / "output", **limits)
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *told]
        measured = [sys.executable, "-c", MEASURE, *command]
        done = subprocess.run(
            measured, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, check=False
        )
        log.seek(0)
        peak = int(done.stdout) / 1024
        yield Run(done.returncode, log.read(), folder / "output", server.requests, peak)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_cannot_be_used_costs_that_article_alone(name: str, run: Run) -> None:
    url = f"https://winfuture.de{path(NUMBERS[name])}"
    lines = [line for line in run.log.splitlines() if "could not be had" in line and url in line]
    if name == "a chain of redirects":
        lines = re.findall(rf".*{NUMBERS[name]}/4 could not be had.*", run.log)
    assert len(lines) == 1
    assert CASES[name][1] in lines[0]


@pytest.mark.parametrize("number", [*SOUND, *KEPT.values()], ids=[*map(str, SOUND), *KEPT])
def test_what_can_be_used_reaches_the_feed(number: int, run: Run) -> None:
    (record,) = [r for r in records(run.output, "winfuture") if r["id"] == f"winfuture:{number}"]
    assert record["headline"] == f"Artikel {number}"


def test_the_run_says_what_it_lost_and_nothing_else_breaks(run: Run) -> None:
    assert run.code == 1
    kept, lost = len(SOUND) + len(KEPT), len(CASES)
    assert f"winfuture: {kept} new, 0 known, 0 duplicate, 0 quarantined, {lost} failed" in run.log
    assert "Traceback" not in run.log
    assert run.memory < 300
    assert {path.parts[0] for path in inside(run.output)} <= {
        *("winfuture", "runs", "index.sqlite", "index.sqlite-wal", "index.sqlite-shm"),
        "leases",
    }


def inside(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in folder.rglob("*")]


def test_nothing_is_asked_of_anyone_else_and_no_cookie_is_sent_back(run: Run) -> None:
    hosts = {
        re.search(r"^Host: (\S+)", head, re.MULTILINE | re.IGNORECASE)[1] for head in run.requests
    }  # type: ignore[index]
    assert hosts == {"winfuture.de"}
    assert "cookie" not in "".join(run.requests).lower()


def test_what_was_secret_in_an_address_is_told_to_nobody(run: Run) -> None:
    (report,) = (run.output / "runs").glob("*.json")
    for told in (run.log, report.read_text(), *(map(str, json_lines_of(run.output)))):
        assert "anna" not in told
        assert "geheim" not in told


def json_lines_of(output: Path) -> list[Any]:
    return [line for path in output.rglob("*.jsonl") for line in json_lines(path)]


def test_five_thousand_pages_of_paging_are_left_at_the_limit(crawl: Crawl, output: Path) -> None:
    """Each names an article that nobody has seen: only their number tells that it is too much."""
    says: dict[str, bytes | Talk] = {}
    for page in range(5000):
        here = f"/special/huawei/?p={page}" if page else "/special/huawei/"
        more = f'<a rel="next" href="/special/huawei/?p={page + 1}">mehr</a>'
        number = FIRST + page
        says[here] = answer(f'<html><a href="{path(number)}">x</a>{more}</html>')
        says[path(number)] = answer(article(f"Artikel {number}", f"Text {number}", number=number))
    with serving(says) as server:
        done = crawl("winfuture", server.address, TAG_PAGES_LIMIT=12)
    assert done.code == 1
    assert "the listing does not end: 12 tag pages read" in done.last_line
    assert len(records(output, "winfuture")) == 12
    asked = [head.split()[1] for head in server.requests]
    assert sum(target.startswith("/special/") for target in asked) == 12
