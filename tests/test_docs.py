"""Documents in step with the code: examples run, tables agree, links lead somewhere."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from crawler import settings
from crawler.arguments import Arguments
from crawler.audit import Reason
from crawler.commands import sites
from crawler.commands.harvest import table as harvested
from crawler.items import Article
from crawler.outcome import Outcome
from crawler.replica import running
from crawler.report import RunReport
from tests.conftest import ROOT, Crawl, options, records, scrapy
from tests.feed_commands.feeds import lay_feed, made

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
README, CONTRIBUTING, COMMANDS, DEPENDENCIES = (
    (ROOT / name).read_text()
    for name in ("README.md", "CONTRIBUTING.md", "docs/commands.md", "docs/dependencies.md")
)
SPIDERS = sites(get_project_settings())


def table(text: str, first: str) -> dict[str, list[str]]:
    """A table's rows by their first cell, without back quotes; `first` is its first column."""
    lines = text.partition(f"| {first} |")[2].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")])
    assert rows, f"no table of {first}"
    return {name: rest for name, *rest in rows}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def split(names: Iterable[str]) -> set[str]:
    return {name for cell in names for name in cell.split(", ")}


# --- links and names ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_inside_the_repository_resolve(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not re.match(r"https?:", link):
            name, _, anchor = link.partition("#")
            target = (path.parent / name) if name else path
            assert target.exists(), f"{link} leads nowhere"
            if anchor:
                titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
                assert anchor in [title.lower().replace(" ", "-") for title in titles]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_named_are_there(path: Path) -> None:
    named = re.findall(
        r"`((?:crawler|tests|docs|benchmarks|\.ci)/[\w./-]*[\w/])`", path.read_text()
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert [name for name in missing if "technikblatt" not in name] == []


# --- tables -------------------------------------------------------------------------------------


def test_the_table_of_sites_names_every_spider_and_where_it_begins() -> None:
    assert {name: rest[0] for name, rest in table(README, "site").items()} == {
        name: spider.start_url for name, spider in SPIDERS.items()
    }


def test_the_table_of_commands_names_ours_as_they_are_called() -> None:
    ours = {path.stem for path in (ROOT / "crawler/commands").glob("[!_]*.py")}
    called = {name.split()[1]: name for name in table(COMMANDS, "command")}
    assert called.keys() == ours
    for name, call in called.items():
        usage = scrapy(name, "--help").out.splitlines()[2].replace("[options] ", "").strip()
        assert usage.replace("[options]", "").strip() == call


def test_the_tables_of_what_a_run_can_be_told_agree_with_the_code() -> None:
    given = {name: rest[0] for name, rest in table(COMMANDS, "argument").items()}
    assert given == {
        name: str(getattr(Arguments(), name) or "none") for name in Arguments.__dataclass_fields__
    }
    for name, (default, _) in table(COMMANDS, "setting").items():
        assert default == str(getattr(settings, name) or "none"), name
    text = (ROOT / "crawler/settings.py").read_text()
    operators = text.partition("what an operator sets")[2].partition("# ---")[0]
    assert set(re.findall(r"^([A-Z_]+) =", operators, re.MULTILINE)) == {
        *table(COMMANDS, "setting")
    }


@pytest.mark.parametrize(
    "command", ["look", "audit", "reparse", "report", "runs", "demo", "watch", "fleet"]
)
def test_the_table_of_options_names_those_of_the_help(command: str) -> None:
    own = scrapy(command, "--help", COLUMNS="200").out.partition("Global Options")[0]
    rows = table(COMMANDS, "option").items()
    given = {option for option, (names, _) in rows if command in names.split(", ")}
    assert given == set(re.findall(r"^  (?:-\w \w+, )?(--[\w-]+(?: [A-Z]+)?)", own, re.MULTILINE))


def test_the_columns_of_a_harvest_are_explained() -> None:
    drawn = harvested([Outcome(site="winfuture", forbidden=1, withheld=1, walled=1)])
    columns = {str(column.header) for column in drawn.columns} - {"site"}
    assert split(table(COMMANDS, "column")) == columns


def test_the_reasons_of_an_audit_are_explained() -> None:
    assert [*table(COMMANDS, "reason")] == [*Reason]


def test_every_dependency_has_its_reason_and_every_reason_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = {
        "## Runtime": project["project"]["dependencies"],
        "## Extra `alarms`": project["project"]["optional-dependencies"]["alarms"],
        "## Extra `archive`": project["project"]["optional-dependencies"]["archive"],
        "## Extra `browser`": project["project"]["optional-dependencies"]["browser"],
        "## Extra `export`": project["project"]["optional-dependencies"]["export"],
        "## Extra `fleet`": project["project"]["optional-dependencies"]["fleet"],
        "## Extra `report`": project["project"]["optional-dependencies"]["report"],
        "## Extra `s3`": project["project"]["optional-dependencies"]["s3"],
        "## Extra `watch`": project["project"]["optional-dependencies"]["watch"],
        "## Development": project["dependency-groups"]["dev"],
        "## Audit": project["dependency-groups"]["audit"],
        "## Fuzzing": project["dependency-groups"]["fuzz"],
        "## Benchmarks": project["dependency-groups"]["bench"],
    }
    groups = project["dependency-groups"].keys() | project["project"]["optional-dependencies"]
    assert len(groups) + 1 == len(declared), "a group without a table"
    for title, requirements in declared.items():
        reasons = table(DEPENDENCIES.partition(title)[2], "package")
        wanted = [re.split(r"[\[<>=~;! ]", requirement)[0] for requirement in requirements]
        assert [*reasons] == wanted
        assert all(len(reason) > 10 for (reason,) in reasons.values())


# --- examples -----------------------------------------------------------------------------------


def masked(line: str) -> str:
    """A line of output without what differs from run to run."""
    line = re.sub(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z", "START", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "NOW", line)
    line = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", line)
    line = re.sub(r"\S+/(mobiflip|winfuture)/", r"FOLDER/\1/", line)
    line = re.sub(r" *\d+(,\d{3})+", " BYTES", line)
    return re.sub(r"│ +\d+\.\d │", "│ SECONDS │", line)


def test_the_readme_shows_what_the_demo_shows() -> None:
    shown = next(text for text in blocks(README, "console") if text.startswith("$ make demo\n"))
    real = [masked(line) for line in scrapy("demo").out.splitlines()]
    position = 0
    for line in shown.splitlines()[1:]:
        if line.strip() != "…":
            assert masked(line) in real[position:], "not in the demo's output, or not in this order"
            position = real.index(masked(line), position) + 1
    assert (ROOT / "Makefile").read_text().count("-m scrapy demo\n") == 1


def test_the_readme_shows_how_a_crawl_ends(crawl: Crawl) -> None:
    with running(20) as replica:
        done = crawl("winfuture", replica)
    assert f"\n{done.last_line}\n" in README


def commands() -> list[str]:
    """Every Scrapy command line that a document shows, but for the site that is not here."""
    return [
        line.removeprefix("$ ")
        for path in DOCUMENTS
        for text in blocks(path.read_text(), "console")
        for line in text.splitlines()
        if line.startswith("$ scrapy") and "technikblatt" not in line
    ]


FED = sorted(
    {line for line in commands() if re.match("scrapy (feed|report|runs)", line)}
)  # they need a feed


@pytest.mark.parametrize("line", sorted({*commands()} - {*FED}))
def test_command_lines_shown_run(line: str, replica: str, output: Path, tmp_path: Path) -> None:
    _, command, *args = line.split()
    args = [arg.replace("127.0.0.1:8080", replica).replace("/tmp/try", str(output)) for arg in args]
    more = options(replica, output) if command != "look" else ["-s", f"REPLICA={replica}"]
    if command == "harvest":
        args += [name for name in SPIDERS if name in {"mobiflip", "winfuture"}]
    done = scrapy(command, *args, *more)
    assert done.code == 0, done.err


@pytest.mark.parametrize("line", FED)
def test_commands_that_read_a_feed_run(line: str, tmp_path: Path) -> None:
    output = lay_feed(tmp_path / "output", made(511972, site="mobiflip"))
    start = "winfuture-2026-01-17T210000.000Z"
    RunReport(run_id=start, site="winfuture", started="2026-01-17T21:00:00Z").write(output)
    _, *args = shlex.split(line.partition(" | ")[0])
    more = ["--once"] if "tail" in args and "--once" not in args else []
    done = scrapy(*args, *more, folder=tmp_path, BROWSER="true")
    assert done.code == 0, done.err


def test_one_line_readers_name_fields_of_the_record() -> None:
    (text,) = blocks(README, "sh")
    assert [line.split()[0] for line in text.splitlines()] == ["jq", "python", "duckdb"]
    named = re.findall(r"(?:\[|, )\.(\w+)|groupby\(\"(\w+)|\)\.(\w+)\.describe|max\((\w+)", text)
    fields = {name for groups in named for name in groups if name}
    assert len(fields) == 4
    assert fields <= Article.__dataclass_fields__.keys()


@pytest.fixture(scope="module")
def third_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the site that CONTRIBUTING adds, file by file as it says."""
    copy = tmp_path_factory.mktemp("copy") / "crawler"
    skipped = shutil.ignore_patterns(".*", "__pycache__", "output")
    shutil.copytree(ROOT, copy, ignore=skipped)
    files = re.findall(
        r"^`((?:tests|crawler)/\S+)`[^\n]*\n\n```\w+\n(.*?)^```$",
        CONTRIBUTING,
        re.MULTILINE | re.DOTALL,
    )
    assert len(files) == 5
    for name, content in files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(content)
    return copy


def in_copy(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=copy, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["article", "huawei"])
def test_the_site_of_contributing_can_be_looked_at(name: str, third_site: Path) -> None:
    line = f"scrapy look tests/sites/technikblatt/{name}.html"
    assert f"$ {line}\n" in CONTRIBUTING
    done = in_copy(third_site, *line.split())
    assert (done.returncode, done.stderr) == (0, "")


def test_the_site_of_contributing_can_be_crawled(third_site: Path, output: Path) -> None:
    with running(1, pages=third_site / "tests/sites/technikblatt") as replica:
        command = ["scrapy", "crawl", "technikblatt", *options(replica, output)]
        done = in_copy(third_site, *command)
    assert done.returncode == 0, done.stderr
    (record,) = records(output, "technikblatt")
    assert record["article_body"] == "Der erste Absatz.\n\nIm Alltag\n\nDer zweite Absatz."
    assert record["summary_points"] == ["Leicht", "Teuer"]
    assert record["is_advertisement"] is True


def test_the_site_of_contributing_is_accepted(third_site: Path) -> None:
    """Steps 3, 5 and 6: style, conventions, the answers written down, then compared."""
    assert in_copy(third_site, "ruff", "check", "crawler").returncode == 0
    assert in_copy(third_site, "ruff", "format", "--check", "crawler").returncode == 0
    conventions = ["pytest", "-q", "tests/test_architecture.py", "-k", "site or spider"]
    answers = ["pytest", "-q", "tests/test_sites.py", "-k", "technikblatt"]
    done = in_copy(third_site, *conventions)
    assert done.returncode == 0, done.stdout
    assert in_copy(third_site, *answers, "--rewrite-expected").returncode == 1
    done = in_copy(third_site, *answers)
    assert done.returncode == 0, done.stdout
