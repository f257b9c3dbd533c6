"""A hostile page in the real Chromium reaches nothing but the site, and that by our downloader."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.replica import running, stories
from tests.conftest import Crawl, Site, json_lines, records

# What a page may try; PORT listens on this machine, for TCP and UDP.
HOSTILE = """<!doctype html><html lang="de"><head><title>Hülle</title>
<meta property="article:published_time" content="2026-01-15T12:00:00+01:00">
<meta http-equiv="refresh" content="2; url=http://127.0.0.1:PORT/refresh">
<link rel="prefetch" href="http://127.0.0.1:PORT/prefetch">
<link rel="preload" as="fetch" href="http://127.0.0.1:PORT/preload">
<link rel="preconnect" href="http://127.0.0.1:PORT">
<link rel="modulepreload" href="http://127.0.0.1:PORT/module.js">
<link rel="stylesheet" href="http://127.0.0.1:PORT/style.css">
<link rel="icon" href="http://127.0.0.1:PORT/icon.png">
<link rel="manifest" href="http://127.0.0.1:PORT/manifest.json">
<script type="speculationrules">
{"prerender": [{"urls": ["http://127.0.0.1:PORT/prerender", "/geraten-1/"]}],
 "prefetch": [{"urls": ["http://localhost:PORT/prefetch-2"]}]}</script>
</head><body><div id="app"></div>
<img src="http://127.0.0.1:PORT/image.png"><img src="/bild.png">
<video src="http://127.0.0.1:PORT/film.mp4" autoplay></video>
<iframe src="http://127.0.0.1:PORT/frame"></iframe><iframe src="/rahmen/"></iframe>
<iframe srcdoc="<script>fetch('http://127.0.0.1:PORT/srcdoc')</script>"></iframe>
<object data="http://127.0.0.1:PORT/object"></object><embed src="http://127.0.0.1:PORT/embed">
<form id="f" method="post" action="/formular/"><input name="a" value="b"></form>
<script>
const out = "http://127.0.0.1:PORT", tries = [
  () => fetch(out + "/fetch"),
  () => fetch(out + "/fetch", {mode: "no-cors", keepalive: true}),
  () => fetch("http://localhost:PORT/name"),
  () => fetch("http://[::1]:PORT/six"),
  () => fetch("http://169.254.169.254/latest/meta-data/"),
  () => fetch("/senden/", {method: "POST", body: "x"}),
  () => fetch("https://www.mobiflip.de:PORT/other-port"),
  () => fetch("/assets/ads.js"),
  () => navigator.sendBeacon(out + "/beacon", "x"),
  () => navigator.sendBeacon("/beacon", "x"),
  () => new WebSocket("ws://127.0.0.1:PORT/socket"),
  () => new WebSocket("wss://www.mobiflip.de/socket"),
  () => new EventSource(out + "/events"),
  () => new Worker(URL.createObjectURL(new Blob(
    [`fetch("${out}/worker"); importScripts("${out}/imported.js")`]))),
  () => new SharedWorker("/geteilt.js"),
  () => navigator.serviceWorker.register("/dienst.js"),
  () => open(out + "/popup"),
  () => open("/fenster/"),
  () => new WebTransport("https://127.0.0.1:PORT/transport"),
  () => { const frame = document.createElement("iframe"); document.body.append(frame);
          const peer = new frame.contentWindow.RTCPeerConnection(
            {iceServers: [{urls: ["stun:127.0.0.1:PORT", "turn:127.0.0.1:PORT?transport=tcp"],
                           username: "a", credential: "b"}]});
          peer.createDataChannel("x"); peer.createOffer().then(o => peer.setLocalDescription(o)); },
  () => { const peer = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:PORT"}]});
          peer.createDataChannel("x"); peer.createOffer().then(o => peer.setLocalDescription(o)); },
  () => { const style = document.createElement("style"); document.head.append(style);
          style.textContent = `@import "${out}/import.css"; @font-face {font-family: x;
            src: url(${out}/font.woff2)} body {font-family: x; background: url(${out}/css.png)}`; },
  () => { const a = document.createElement("a"); a.href = out + "/link"; a.ping = out + "/ping";
          a.target = "_blank"; document.body.append(a); a.click(); },
  () => { const a = document.createElement("a"); a.href = out + "/load"; a.download = "x";
          document.body.append(a); a.click(); },
  () => import(out + "/import.js"),
  () => alert("Hallo"),
  () => document.getElementById("f").submit(),
];
for (const attempt of tries) {
  try { Promise.resolve(attempt()).catch(() => {}); } catch {}
}
setTimeout(() => { document.getElementById("app").innerHTML =
  "<article><h1>Text</h1><p>Er kam an, mit einem Skript.</p></article>"; }, 1500);
setTimeout(() => { location.href = out + "/location"; }, 1700);
</script></body></html>
"""


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, TCP over both IP versions and UDP, and who came."""
    came: list[str] = []
    tcp, six, udp = (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    )
    tcp.bind(("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    six.bind(("::1", port))
    udp.bind(("127.0.0.1", port))
    tcp.listen()
    six.listen()

    def accept(server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            client.settimeout(5)
            with client:
                came.append(client.recv(200).decode("latin-1"))

    def receive() -> None:
        while data := udp.recv(2000):
            came.append(repr(data))

    threads = [threading.Thread(target=accept, args=[server]) for server in (tcp, six)]
    threads.append(threading.Thread(target=receive))
    for thread in threads:
        thread.start()
    try:
        yield port, came
    finally:
        for server in (tcp, six):
            server.shutdown(socket.SHUT_RDWR)
            server.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", port))
        for thread in threads:
            thread.join()
        udp.close()


@pytest.mark.usefixtures("mark")
def test_a_hostile_page_reaches_nobody(
    crawl: Crawl, site: Site, output: Path, tmp_path: Path
) -> None:
    url = "https://www.mobiflip.de/boese-seite-399999/"
    with listening() as (port, came):
        site.lay(url, HOSTILE.replace("PORT", str(port)))
        with running(1, pages=site.folder, log=tmp_path / "log") as replica:
            done = crawl("mobiflip", replica, BROWSER_TIMEOUT=12)
    assert done.code == 0, done.err
    assert f"The browser has shown {url}" in done.err
    assert {record["article_body"] for record in records(output, "mobiflip")} > {
        "Er kam an, mit einem Skript."
    }
    assert came == []
    asked = [(entry["method"], entry["path"]) for entry in json_lines(tmp_path / "log")]
    story = next(stories("mobiflip", 1)).url.removeprefix("https://www.mobiflip.de")
    wanted = [
        "/robots.txt",
        "/thema/huawei/",
        "/.well-known/tdmrep.json",
        "/boese-seite-399999/",
        story,
    ]
    assert sorted(asked) == sorted(("GET", path) for path in wanted)


def test_without_our_precautions_it_reaches_many(tmp_path: Path) -> None:
    """What the test above is worth: the same page in the same browser, started as usual."""
    from playwright.sync_api import sync_playwright

    page = tmp_path / "page.html"
    with listening() as (port, came), sync_playwright() as playwright:
        page.write_text(HOSTILE.replace("PORT", str(port)))
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        shown = chromium.new_page()
        shown.goto(page.as_uri(), wait_until="commit")
        shown.wait_for_timeout(1500)
        chromium.close()
    paths = {line.split()[1] for line in came if line.startswith(("GET", "POST"))}
    assert {"/fetch", "/image.png", "/frame", "/style.css", "/socket", "/worker"} <= paths
    assert [line for line in came if line.startswith("b'")], "no WebRTC over UDP"
