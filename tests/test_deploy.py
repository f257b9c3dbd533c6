"""The recipes in deploy/: checked by the tools of those they are for, and run."""

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, feed_paths, json_lines, records

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
SITES = ("mobiflip", "winfuture")
# What a service manager hands on: next to nothing.
BARE = {"PATH": "/usr/bin:/bin", "CONTACT": "https://example.org/our-crawler"}


def said(*command: object) -> tuple[int, str]:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def here(command: str, replica: str, output: Path) -> str:
    """A recipe's command with this machine's places, asking a replica, and no live site."""
    command = re.sub(r"(?:/opt/crawler/)?\.venv/bin/python", sys.executable, command)
    command = command.replace("/opt/crawler", str(ROOT)).replace("/var/lib/crawler", str(output))
    quick = f"harvest {' '.join(SITES)} -s REPLICA={replica} -s DOWNLOAD_DELAY=0"
    assert command.count(" harvest ") == 1
    return command.replace(" harvest ", f" {quick} ")


# --- cron ---


def entry() -> tuple[str, str, str]:
    """When, who and what."""
    lines = (DEPLOY / "cron/crawler").read_text().splitlines()
    (line,) = (line for line in lines if re.match(r"[\d*]", line))
    parts = line.split(" ", 6)
    return " ".join(parts[:5]), parts[5], parts[6]


def test_the_cron_entry_says_when_and_who_in_crons_words() -> None:
    when, user, command = entry()
    assert re.fullmatch(r"\d{1,2} \* \* \* \*", when)
    assert user == "crawler"
    assert "%" not in command, "cron takes it for the end of the line"
    assert "cd " in command


@pytest.mark.parametrize("is_writable", [True, False])
def test_the_cron_entry_runs_and_mails_only_failures(
    is_writable: bool, replica: str, tmp_path: Path
) -> None:
    output = tmp_path / "feed"
    if not is_writable:
        output.write_text("no folder")
    _, _, command = entry()
    command = here(command, replica, output).replace("/var/log/crawler", str(tmp_path))
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=BARE, capture_output=True, text=True, check=False
    )
    if is_writable:
        assert (done.stdout, done.stderr) == ("", "")
        assert all(len(records(output, site)) == 15 for site in SITES)
        assert "yes since" in (tmp_path / "harvest.log").read_text()
    else:
        assert "The crawl ended with exit code 1; see" in done.stdout


# --- systemd ---


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with a program that is on this machine."""
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for unit in ("crawler.service", "crawler.service.d/watch.conf"):
        text = (folder / unit).read_text().replace("/opt/crawler/.venv/bin/python", sys.executable)
        text = re.sub("file:///opt/crawler", f"file://{ROOT}", text)
        (folder / unit).write_text(text)
    return folder


@pytest.mark.parametrize("is_watching", [False, True])
def test_systemd_finds_nothing_wrong_with_the_units(is_watching: bool, units: Path) -> None:
    if not is_watching:
        shutil.rmtree(units / "crawler.service.d")
    paths = [path for path in units.iterdir() if path.is_file()]
    assert said("systemd-analyze", "verify", *paths) == (0, "")
    wrong = units / ("crawler.service.d/watch.conf" if is_watching else "crawler.service")
    wrong.write_text(wrong.read_text().replace("TasksMax", "TasksMost"))
    assert "TasksMost" in said("systemd-analyze", "verify", units / "crawler.service")[1]


def test_systemd_finds_the_service_hardly_exposed(units: Path) -> None:
    # In tenths; what is left is that it reaches the network and that its feed can be read.
    check = "systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager"
    code, text = said(*check, units / "crawler.service")
    assert code == 0, text[-200:]


def test_the_command_of_the_service_that_stays_is_a_watch_of_the_example(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd/crawler.service.d/watch.conf").read_text()
    assert re.findall(r"^ExecStart=$", text, re.MULTILINE), "else there are two commands"
    (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    command = command.replace("/opt/crawler/.venv/bin/python", sys.executable)
    command = command.replace("/etc/crawler", str(DEPLOY / "watch"))
    command = command.replace("/var/lib/crawler", str(tmp_path))
    done = subprocess.run(
        [*shlex.split(command), "--dry-run"], cwd=ROOT, env=BARE, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "winfuture  honor" in done.stdout


def test_the_command_of_the_service_runs(replica: str, tmp_path: Path) -> None:
    text = (DEPLOY / "systemd/crawler.service").read_text()
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    # As MemoryDenyWriteExecute=yes does: no memory that is written and then executed.
    deny = "import ctypes, runpy, sys; assert not ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); "
    start = "sys.argv[0:1] = []; runpy.run_module('scrapy', run_name='__main__', alter_sys=True)"
    words = shlex.split(here(command, replica, tmp_path / "feed"))
    assert words[1:3] == ["-m", "scrapy"]
    code = deny + start
    done = subprocess.run(
        [words[0], "-c", code, *words[2:]],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(records(tmp_path / "feed", "winfuture")) == 15


# --- containers ---


def test_the_dockerfile_passes_its_linter() -> None:
    assert said(BIN / "hadolint", DEPLOY / "Dockerfile") == (0, "")


def image(folder: Path) -> Path:
    """What the Dockerfile copies, as far as the build may see it."""
    listed = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    visible = {line[1:] for line in listed if line.startswith("!")}
    assert listed[0] == "*"
    copied = re.findall(
        r"^COPY (?!--from)(\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE
    )
    assert set(copied) == visible
    for name in copied:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=lambda *_: {"__pycache__"})
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder)
    return folder


def cron_job() -> dict[str, Any]:
    _, job = yaml.safe_load_all((DEPLOY / "kubernetes/cronjob.yaml").read_text())
    return dict(job["spec"])


def test_the_manifest_fits_kubernetes_schemas(tmp_path: Path) -> None:
    manifest = DEPLOY / "kubernetes/cronjob.yaml"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(manifest.read_text().replace("concurrencyPolicy", "concurrentPolicy"))
    code, text = said(BIN / "kubernetes-validate", "--strict", manifest, wrong)
    assert code == 1
    for kind in ("persistentvolumeclaim/crawler-feed", "cronjob/crawler"):
        assert f"{manifest} passed for resource {kind}" in text
    assert "concurrentPolicy" in text


def test_the_cron_job_neither_overlaps_nor_hangs_nor_may_do_much() -> None:
    spec = cron_job()
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] <= 7200
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    user = str(pod["securityContext"]["runAsUser"])
    assert re.findall(r"^USER (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE) == [user]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_what_the_image_holds_runs_as_the_cron_job_says(replica: str, tmp_path: Path) -> None:
    folder = image(tmp_path / "image")
    (container,) = cron_job()["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    words = " ".join(["", *container["args"]]).replace("/feed", "/var/lib/crawler")
    told = shlex.split(here(words, replica, tmp_path / "feed"))
    environment = {**BARE, **{e["name"]: e["value"] for e in container["env"]}}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "scrapy", *told],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["site"] for line in done.stderr.splitlines()][-2:] == [*SITES]
    assert len(records(tmp_path / "feed", "mobiflip")) == 15


# --- Scrapyd ---


@pytest.fixture
def scrapyd(tmp_path: Path) -> Iterator[str]:
    """The address of a Scrapyd with our configuration, on a port that was free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "scrapyd"
    folder.mkdir()
    text = (DEPLOY / "scrapyd/scrapyd.conf").read_text()
    assert text.count("6800") == 1
    (folder / "scrapyd.conf").write_text(text.replace("6800", str(port)))
    address = f"http://127.0.0.1:{port}"
    with (tmp_path / "scrapyd.log").open("wb") as log:
        server = subprocess.Popen([BIN / "scrapyd"], cwd=folder, env=BARE, stdout=log, stderr=log)
        try:
            until(lambda: answer(f"{address}/daemonstatus.json"))
            yield address
        finally:
            server.terminate()
            server.wait(30)


def answer(url: str, **told: Any) -> dict[str, Any] | None:
    data = urllib.parse.urlencode(told, doseq=True).encode() if told else None
    try:
        with urllib.request.urlopen(url, data, timeout=10) as response:
            found: dict[str, Any] = json.load(response)
            return found
    except OSError:
        return None


def until(asked: Callable[[], Any], timeout: float = 30) -> Any:
    """What is answered, once it is something."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if found := asked():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"no answer within {timeout} seconds")


def test_scrapyd_runs_what_was_deployed_into_our_feed(
    scrapyd: str, replica: str, tmp_path: Path
) -> None:
    project = image(tmp_path / "project")
    with (project / "scrapy.cfg").open("a") as file:
        file.write(f"url = {scrapyd}/\n")
    deployed = subprocess.run(
        [BIN / "scrapyd-deploy"], cwd=project, env=BARE, capture_output=True, text=True, check=False
    )
    assert '"spiders": 2, "status": "ok"' in deployed.stdout, deployed.stdout + deployed.stderr
    output = tmp_path / "feed"
    settings = [f"REPLICA={replica}", "DOWNLOAD_DELAY=0", f"OUTPUT_DIR={output}"]
    told = {"project": "crawler", "spider": "winfuture", "setting": settings}
    started = answer(f"{scrapyd}/schedule.json", **told) or {}
    assert started["status"] == "ok"
    jobs = f"{scrapyd}/listjobs.json?project=crawler"
    (job,) = until(lambda: (answer(jobs) or {})["finished"])
    assert job["id"] == started["jobid"]
    assert len(records(output, "winfuture")) == 15
    (path,) = feed_paths(output, "winfuture")
    assert json_lines(path)[0]["run_id"] == f"winfuture-{path.stem}"
    with urllib.request.urlopen(f"{scrapyd}{job['log_url']}", timeout=10) as log:
        assert "Spider closed (finished)" in log.read().decode()
    told_by_server = (tmp_path / "scrapyd.log").read_text()
    assert "winfuture: 15 new" in told_by_server
    assert "Process finished" in told_by_server
    assert not (tmp_path / "scrapyd/items").exists()
