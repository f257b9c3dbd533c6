"""What `make` and `.ci/run` stand on: the environment's script, and the rule about skips."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SKIPS = """
import pytest

def test_works(): pass

@pytest.mark.skipif(True, reason="../shared/pages is not on this machine")
def test_needs_the_pages(): pass

@pytest.mark.xfail(strict=True)
def test_is_known_to_fail(): assert False
"""


@pytest.mark.parametrize(
    ("idle", "variables", "code"),
    [
        ("", {"CI": "true"}, 0),
        ("@pytest.mark.skip(reason='later')\ndef test_idle(): pass", {"CI": "true"}, 1),
        ("def test_idle(): pytest.skip('no browser')", {"CI": "true"}, 1),
        ("pytest.importorskip('nosuch')", {"CI": "true"}, 2),
        ("def test_idle(): pytest.skip('no browser')", {"CI": ""}, 0),
    ],
)
def test_under_ci_only_what_needs_shared_may_be_skipped(
    idle: str, variables: dict[str, str], code: int, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport\n"
    )
    (tmp_path / "test_skips.py").write_text(f"{SKIPS}\n{idle}\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert ("skipped under CI" in done.stdout) is bool(code)


def test_a_machine_without_a_browser_is_told_in_one_line(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("id", "ls"):
        (programs / name).symlink_to(shutil.which(name) or "")
    lacking = {"PATH": str(programs), "HOME": str(tmp_path)}
    command = ["/bin/sh", ROOT / ".ci/browser"]
    done = subprocess.run(command, env=lacking, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Chromium is missing; install it, as with: sudo apt-get install chromium\n"
    )
    (programs / "chromium").symlink_to("/bin/true")
    done = subprocess.run(command, env=lacking, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_package_that_is_missing_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "id").symlink_to(shutil.which("id") or "")
    needed = ["/bin/sh", ROOT / ".ci/package", "ruby", "Ruby", "ruby", "-rrss", "-e", ""]
    lacking = {"PATH": str(tmp_path)}
    done = subprocess.run(needed, env=lacking, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Ruby is missing; install it, as with: sudo apt-get install ruby\n"
    (tmp_path / "ruby").symlink_to("/bin/true")
    done = subprocess.run(needed, env=lacking, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ('case "$2" in *ensurepip*) exit 1 ;; esac', "python3 is missing, or lacks venv"),
        (None, "python3 is missing, or lacks venv"),
        (
            'case "$1$2" in *ensurepip*) ;; --version) echo Python 3.9.2 ;; *) exit 1 ;; esac',
            "Python 3.11 or newer is needed, not Python 3.9.2",
        ),
    ],
    ids=["without venv", "without python", "too old"],
)
def test_a_machine_that_lacks_something_is_told_in_one_line(
    python: str | None, said: str, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "id").symlink_to(shutil.which("id") or "")
    if python:
        (programs / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (programs / "python3").chmod(0o755)
    environment = tmp_path / "environment"
    done = subprocess.run(
        [ROOT / ".ci/environment", environment, ROOT / "requirements.lock"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(said)
    assert not environment.exists()


@pytest.mark.parametrize(
    ("program", "code", "out", "err"),
    [
        ("exit 0", 0, "a.lock: no known vulnerability\nb.lock: no known vulnerability\n", ""),
        ('case "$*" in *a.lock) echo "lxml 1.0 CVE-1"; exit 1;; esac', 1, "lxml 1.0 CVE-1", ""),
        ("echo trace >&2; echo 'no route' >&2; exit 1", 2, "", "could not be checked: no route\n"),
        ("exit 1", 2, "", "a.lock could not be checked: \n"),
    ],
    ids=["nothing known", "something known", "nobody there", "silence"],
)
def test_an_audit_that_could_not_ask_is_no_success(
    program: str, code: int, out: str, err: str, tmp_path: Path
) -> None:
    stand_in = tmp_path / "pip-audit"
    stand_in.write_text(f"#!/bin/sh\n{program}\n")
    stand_in.chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci/audit", stand_in, "a.lock", "b.lock"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert out in done.stdout
    assert done.stderr.endswith(err)
    assert done.stderr.count("\n") == (code == 2)
