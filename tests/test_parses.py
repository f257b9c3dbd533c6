"""A page is parsed once: every parse of lxml in a crawl, counted where it happens."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.replica import running
from tests.conftest import ROOT, json_lines, options

# Runs a Scrapy command with lxml's own entry points counted: whoever parses goes through them.
COUNTING = """
import atexit, collections, functools, json, pathlib, sys
from lxml import etree, html

counts = collections.Counter()

def counted(module, name):
    real = getattr(module, name)

    @functools.wraps(real)
    def count(*args, **kwargs):
        counts[f"{module.__name__}.{name}"] += 1
        return real(*args, **kwargs)

    setattr(module, name, count)

for name in ("fromstring", "fromstringlist", "HTML", "XML", "parse", "iterparse"):
    counted(etree, name)
for name in ("fromstring", "document_fromstring", "fragments_fromstring", "parse"):
    counted(html, name)
atexit.register(lambda: pathlib.Path(sys.argv.pop()).write_text(json.dumps(counts)))

from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:-1]])
"""


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_each_page_is_parsed_once(site: str, output: Path, tmp_path: Path) -> None:
    log, counts = tmp_path / "log", tmp_path / "counts"
    with running(40, log=log) as replica:
        command = ["crawl", site, *options(replica, output), str(counts)]
        subprocess.run(
            [sys.executable, "-c", COUNTING, *command],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        )
    pages = [
        entry["path"]
        for entry in json_lines(log)
        if entry["status"] == 200 and entry["path"] != "/robots.txt"
    ]
    assert len(pages) > 40
    assert json.loads(counts.read_text()) == {"lxml.etree.fromstring": len(pages)}
