"""The comparison of an audit, by table: who names what, and what that says of the feed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from crawler.audit.comparison import Check, Reason, Report, Source, Standing, compare, standing
from crawler.audit.held import Refused
from crawler.index import Known

SINCE = date(2026, 1, 10)
OLD, DAY, NEW = (f"2026-01-{day}T10:00:00+01:00" for day in ("09", "10", "20"))
HAS, LACKS = Standing(), Standing(Reason.NONE)
KNOWN = Known("site:1", "2026-01-10T090000.000Z", False, DAY)
WITHDRAWN = KNOWN._replace(is_withdrawn=True)
INVALID, DUPLICATE, WITHHELD = (
    convert({"record": {"id": "site:1"}, "reason": reason, "problems": problems}, Refused)
    for reason, problems in (
        ("invalid", ["a", "b"]),
        ("duplicate", ["of x"]),
        ("rights", ["noindex"]),
    )
)
GONE = Check(is_gone=True, problem="the server answered 410")
BROKEN = Check(problem="the server answered 503")
THERE = Check(id="site:1", url="https://example.com/1", date=NEW)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"known": KNOWN}, Standing(date=DAY)),
        ({"known": KNOWN, "check": THERE}, Standing(date=DAY)),
        ({"known": KNOWN, "refused": INVALID}, Standing(Reason.QUARANTINED, "a; b", DAY)),
        ({"known": KNOWN, "refused": DUPLICATE}, Standing(Reason.DUPLICATE, "of x", DAY)),
        ({"known": KNOWN, "refused": WITHHELD}, Standing(Reason.WITHHELD, "noindex", DAY)),
        ({"known": WITHDRAWN, "check": GONE}, Standing(Reason.WITHDRAWN, GONE.problem, DAY)),
        ({"known": WITHDRAWN, "check": BROKEN}, Standing(Reason.FAILED, BROKEN.problem, DAY)),
        (
            {"known": WITHDRAWN, "check": THERE},
            Standing(Reason.NONE, "the feed tells that it was withdrawn, but it is there", DAY),
        ),
        ({"check": GONE}, Standing(Reason.GONE, GONE.problem)),
        ({"check": BROKEN}, Standing(Reason.FAILED, BROKEN.problem)),
        ({"check": THERE}, Standing(Reason.NONE, date=NEW)),
        ({}, Standing(Reason.NONE)),
        ({"is_about_topic": False}, Standing(Reason.OTHER_TOPIC)),
        ({"is_about_topic": False, "known": KNOWN}, Standing(Reason.OTHER_TOPIC, date=DAY)),
    ],
)
def test_how_the_feed_stands_to_an_article(facts: dict[str, object], wanted: Standing) -> None:
    assert standing(**facts) == wanted  # type: ignore[arg-type]


def pages(named: dict[str, str | None], problem: str = "") -> Source:
    return Source("tag pages", "u", reaches_back=True, named=named, problem=problem)


def rss(named: dict[str, str | None], problem: str = "") -> Source:
    return Source("topic RSS", "u", named=named, problem=problem)


def sitemap(named: dict[str, str | None], changes: dict[str, str | None] | None = None) -> Source:
    return Source("sitemap", "u", is_about_topic=False, named=named, last_changes=changes or {})


def compared(sources: list[Source], **standings: Standing) -> Report:
    return compare("site", "huawei", SINCE, sources, standings)


def counted(report: Report) -> list[tuple[int, int]]:
    return [(row.named, row.in_feed) for row in report.sources]


def apart(report: Report) -> dict[str, tuple[list[str], list[str]]]:
    return {found.url: (found.named_by, found.lacking) for found in report.disagreements}


def test_what_agrees_is_no_finding() -> None:
    report = compared([pages({"a": NEW, "b": DAY}), rss({"a": NEW, "b": DAY})], a=HAS, b=HAS)
    assert counted(report) == [(2, 2), (2, 2)]
    assert (report.disagreements, report.lacking, report.problems) == ([], [], [])


@pytest.mark.parametrize(
    ("named", "held", "count"),
    [(OLD, HAS, 0), (DAY, HAS, 1), (None, HAS, 1), (None, Standing(date=OLD), 0)],
)
def test_the_period_begins_with_a_day(named: str | None, held: Standing, count: int) -> None:
    """The feed's date outweighs the source's; without any, the article may be of the period."""
    assert counted(compared([pages({"a": named})], a=held)) == [(count, count)]


@pytest.mark.parametrize(("changed", "count"), [(None, 0), (OLD, 0), (NEW, 1)])
def test_of_a_sitemap_alone_the_last_change_tells_the_period(
    changed: str | None, count: int
) -> None:
    other = Standing(Reason.OTHER_TOPIC)
    assert counted(compared([sitemap({"a": None}, {"a": changed})], a=other)) == [(count, 0)]


def test_a_lack_is_listed_with_its_reason_and_only_one_without_is_a_problem() -> None:
    gone = Standing(Reason.GONE, "the server answered 410")
    report = compared(
        [pages({"a": NEW, "b": DAY}), rss({"b": DAY, "c": DAY})], a=gone, b=HAS, c=HAS
    )
    assert [(lack.url, lack.reason, lack.detail) for lack in report.lacking] == [
        ("a", Reason.GONE, "the server answered 410")
    ]
    assert report.sources[0].reasons == {Reason.GONE: 1}
    assert report.problems == []
    worse = compared([rss({"a": NEW, "b": NEW})], a=LACKS, b=LACKS)
    assert worse.problems == ["the feed lacks 2 articles without a reason"]
    assert worse.lacking[0].named_by == ["topic RSS"]


def test_a_source_of_the_newest_is_not_asked_for_older_ones() -> None:
    listed = pages({"a": NEW, "b": "2026-01-15T10:00:00+01:00", "c": DAY})
    short = rss({"a": NEW, "b": "2026-01-15T09:00:00+00:00"})
    assert apart(compared([listed, short], a=HAS, b=HAS, c=HAS)) == {}
    assert apart(compared([pages({"a": NEW, "c": DAY}), rss({"c": DAY})], a=HAS, c=HAS)) == {
        "a": (["tag pages"], ["topic RSS"])
    }
    assert apart(compared([pages({"a": NEW}), rss({"a": NEW, "c": DAY})], a=HAS, c=HAS)) == {
        "c": (["topic RSS"], ["tag pages"])
    }


def test_a_source_that_could_not_be_read_is_not_blamed_for_what_it_lacks() -> None:
    listed = pages({"a": NEW})
    dead = compared([listed, rss({}, problem="the server answered 404")], a=HAS)
    assert (apart(dead), dead.problems) == ({}, [])
    assert dead.sources[1].problem == "the server answered 404"
    torn = compared([pages({}, problem="it hung up"), rss({"a": NEW})], a=HAS)
    assert apart(torn) == {}
    assert torn.problems == ["the tag pages could not be read: it hung up"]


def test_what_only_the_sitemap_names_is_about_something_else_unless_the_feed_has_it() -> None:
    other = Standing(Reason.OTHER_TOPIC)
    report = compared(
        [pages({"b": DAY}), sitemap({"a": NEW, "b": DAY, "c": NEW})], a=other, b=HAS, c=HAS
    )
    assert report.sources[1].reasons == {Reason.OTHER_TOPIC: 1}
    assert apart(report) == {"c": (["sitemap"], ["tag pages"])}
    assert (report.lacking, report.problems) == ([], [])


URLS = st.sampled_from("abcdef")
NAMED = st.dictionaries(URLS, st.sampled_from([None, OLD, DAY, NEW]))


@given(
    NAMED,
    NAMED,
    NAMED,
    st.fixed_dictionaries(dict.fromkeys("abcdef", st.sampled_from([None, *Reason]))),
)
def test_the_numbers_add_up(
    first: dict[str, str | None],
    second: dict[str, str | None],
    third: dict[str, str | None],
    reasons: dict[str, Reason | None],
) -> None:
    sources = [pages(first), rss(second), sitemap(third)]
    report = compared(
        sources, **{url: Standing(reasons[url]) for url in {**first, **second, **third}}
    )
    for row in report.sources:
        assert row.named == row.in_feed + sum(row.reasons.values())
    lacking = {lack.url: lack.reason for lack in report.lacking}
    assert Reason.OTHER_TOPIC not in lacking.values()
    assert all(lacking[url] is reasons[url] for url in lacking)
    assert bool(report.problems) == (Reason.NONE in lacking.values())
    for found in report.disagreements:
        assert not {*found.named_by} & {*found.lacking}
        assert found.named_by
        assert found.lacking
