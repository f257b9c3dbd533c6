"""The shape of the project, held by tests: who may import whom, what a site file may hold."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.commands import sites
from crawler.tag_spider import TagSpider
from tests.conftest import ROOT

# docs/design: imports point one way. A place may import those named, and itself.
MAY_IMPORT = {
    "items": set(),
    "structured": set(),
    "normalise": set(),
    "charset": set(),
    "html": {"charset"},
    "settings": set(),
    "gunzip": set(),
    "middlewares": {"gunzip", "reach"},
    "reach": set(),
    "outcome": set(),
    "arguments": set(),
    "archive": {"feed", "gunzip", "items", "normalise"},
    "changes": {"items"},
    "differences": {"changes", "items"},
    "rights": {"items", "normalise"},
    "politeness": {"normalise", "reach"},
    "duplicates": set(),
    "feed": {"items"},
    "index": {"duplicates", "feed", "items", "normalise"},
    "pages": {"gunzip", "items", "structured", "html", "normalise"},
    "pipelines": {
        "items",
        "normalise",
        "index",
        "feed",
        "changes",
        "duplicates",
        "rights",
        "normal_form",
        "problems",
    },
    "problems": {"items", "normalise"},
    "lease": set(),
    "schedule": {"arguments"},
    "watch": {"feed", "outcome", "report", "schedule"},
    "forms": {"items"},
    "stories": {"items"},
    "overview": {"differences", "items", "report", "stories"},
    "lint": {"changes", "feed", "items", "normalise", "problems"},
    "normal_form": {"items", "normalise"},
    "permit": {"items", "rights"},
    "walk": {"arguments", "index", "normalise"},
    "progress": {"outcome"},
    "report": {"feed", "items", "outcome"},
    "circumstances": {"normalise"},
    "copies": {"feed"},
    "alarms": {"feed", "outcome", "report"},
    "fleet": {"feed", "outcome", "report", "schedule", "watch"},
    "reparse": {
        *("archive", "changes", "declared", "feed", "items", "pipelines", "tag_spider", "walk"),
    },
    "feed_spider": {
        *("feed", "index", "normalise", "outcome", "report", "arguments", "politeness", "archive"),
        *("circumstances", "copies", "lease"),
    },
    "declared": {
        "feed_spider",
        "gunzip",
        "html",
        "index",
        "items",
        "report",
        "rights",
        "structured",
    },
    "second_looks": {"archive", "feed_spider", "index", "items", "walk", "politeness"},
    "before_walls": {"browser", "browser_spider", "feed_spider", "outcome", "pages", "walk"},
    "article_spider": {
        *(
            "archive",
            "before_walls",
            "browser_spider",
            "declared",
            "feed",
            "feed_spider",
            "index",
            "items",
        ),
        *("normalise", "pages", "politeness", "report"),
    },
    "tag_spider": {
        *("article_spider", "browser_spider", "declared", "feed_spider", "walk", "arguments"),
        *("outcome", "pages", "index", "politeness", "reach", "normalise", "alarms", "report"),
    },
    "browser": {"charset"},
    "shown": {"browser", "pages", "walk"},
    "browser_spider": {"browser", "outcome", "pages", "second_looks", "shown", "walk"},
    "spiders": {"tag_spider", "pages"},
    "audit": {
        *("browser", "shown", "feed_spider", "tag_spider", "pages", "index", "feed"),
        *("normalise", "politeness"),
    },
}
ANYTHING = {"commands", "feed_commands", "replica"}
SOURCES = sorted((ROOT / "crawler").rglob("*.py"))


def place(path: Path) -> str:
    """The first name below `crawler` that a file belongs to; empty for the package itself."""
    name = path.relative_to(ROOT / "crawler").parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def imported(path: Path) -> set[str]:
    """The places of ours that a file imports, also inside functions and for type checks."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "crawler":
            names += [f"crawler.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.append(node.module or "")
    ours = {name.split(".")[1] for name in names if name.startswith("crawler.")}
    return ours - {"__version__"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    here = place(path)
    if here in ANYTHING or not here:
        return
    assert imported(path) <= MAY_IMPORT[here] | {here}


def test_the_table_of_imports_names_every_place_and_no_other() -> None:
    there = {place(path) for path in SOURCES} - {""}
    assert there == MAY_IMPORT.keys() | ANYTHING


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 320
    assert path.stem not in {"utils", "helpers", "base", "misc", "common"}


SPIDERS = sites(get_project_settings())
SITE_FILES = sorted(path for path in SOURCES if place(path) == "spiders" and path.stem[0] != "_")


def test_every_site_file_holds_the_spider_of_its_name() -> None:
    assert [path.stem for path in SITE_FILES] == sorted(SPIDERS)


@pytest.mark.parametrize("path", SITE_FILES, ids=lambda path: path.stem)
def test_a_site_is_a_short_file_of_facts(path: Path) -> None:
    module = import_module(f"crawler.spiders.{path.stem}")
    prefix = path.stem.title().replace("_", "")
    classes = {
        n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__
    }
    assert classes == {f"{prefix}{kind}" for kind in ("Spider", "TagPage", "ArticlePage")}
    assert len(path.read_text().splitlines()) < 60
    assert (module.__doc__ or "").count("\n") == 0, "begin with one sentence on what is special"


@pytest.mark.parametrize("spider", SPIDERS.values(), ids=lambda spider: spider.name)
def test_a_spider_states_one_https_start_url_and_no_policy(spider: type[TagSpider]) -> None:
    assert re.fullmatch(r"https://[^{}]+\{topic\}[^{}]*", spider.start_url)
    assert spider.custom_settings is None
    assert not vars(spider).keys() & {"start_urls", "download_delay", "update_settings", "start"}


def test_defaults_are_polite() -> None:
    settings = Settings()
    settings.setmodule("crawler.settings")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getint("CONCURRENT_REQUESTS") == 1
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1
    assert not settings.getbool("COOKIES_ENABLED")
    assert settings["REPLICA"] == ""


@pytest.mark.parametrize(
    "command",
    [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]],
    ids=["lint", "format", "types"],
)
def test_the_code_is_clean(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_source_names_a_machine_or_a_registry() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    said = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|[\"' =(]/(?:work|root|home)/")
    found = [
        name
        for name in tracked
        if (ROOT / name).is_file() and said.search((ROOT / name).read_text(errors="replace"))
    ]
    assert found in ([], ["tests/test_architecture.py"])
