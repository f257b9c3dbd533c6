"""The twenty faults of `benchmarks.alarms`: what each does to the pages of a site."""

from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.outcome import FEED, LISTING


@dataclass
class Page:
    """What comes of an article's page: fate (empty: it is read), fields that it lacks, fields
    that another source answers, what an update loses, what stands on all pages."""

    is_new: bool
    lacks: set[str]
    fate: str = ""
    moved: dict[str, str] = field(default_factory=dict)
    loses: str = ""
    repeats: tuple[str, ...] = ()
    is_edited: bool = False
    is_dated_oddly: bool = False


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. tells: of which fault the run tells (`crawler.outcome.Problem`);
    hides_news: the listing is old."""

    name: str
    strike: Callable[[Page], None] = lambda page: None
    tells: str = ""
    hides_news: bool = False


def _fate(fate: str) -> Callable[[Page], None]:
    def strike(page: Page) -> None:
        page.fate = fate

    return strike


def _lacks(name: str) -> Callable[[Page], None]:
    return lambda page: page.lacks.add(name)


def _moved(*names: str) -> Callable[[Page], None]:
    return lambda page: page.moved.update(dict.fromkeys(names, "visible"))


def _edited(loses: str = "", *repeats: str) -> Callable[[Page], None]:
    """Every page differs from what the feed holds."""

    def strike(page: Page) -> None:
        page.is_edited, page.loses, page.repeats = True, loses, repeats

    return strike


def _dated_oddly(page: Page) -> None:
    page.is_dated_oddly = page.is_edited = True


OLD_LISTING = Fault("an old listing, for ever", hides_news=True)
FAULTS = (
    Fault("the headline's selector is renamed, no other source has it", _fate("invalid")),
    Fault("dates move into a script, the visible one stands in", _moved("date_published")),
    Fault("half the paragraphs are gone", _edited("article_body")),
    Fault("the lead is gone", _edited("description")),
    Fault("the tag page is empty", tells=LISTING),
    Fault("another charset, mojibake", _fate("invalid")),
    Fault("a consent page instead of articles", _fate("walled")),
    Fault("a consent page instead of the tag page", tells=LISTING),
    Fault("the feed folder is full", tells=FEED),
    Fault("the tag is gone (404)", tells=LISTING),
    Fault("the listing turns in a circle", tells=LISTING),
    Fault("articles answer 403", _fate("failed")),
    Fault("articles time out", _fate("failed")),
    Fault("authors are gone", _lacks("authors")),
    Fault("keywords are gone", _lacks("keywords")),
    Fault("all structured data is gone", _moved("headline", "date_published", "images")),
    Fault("dates lie in the future", _dated_oddly),
    Fault("the site's name is every headline", _edited("", "headline")),
    Fault("a notice stands in every body", _edited("", "paragraph")),
    Fault("robots.txt forbids the articles", _fate("forbidden")),
)
