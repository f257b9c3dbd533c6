"""The truth over time: how each article stands, and what a faultless crawler writes about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.replica.stories import SITES, Story, number_of
from crawler.replica.timeline.events import Outage, Publish
from crawler.replica.timeline.script import Timeline, end_of


@dataclass(frozen=True)
class Standing:
    """An article at a moment.

    story: what a record says of it. address: where its page answers, which differs from the
    story's URL for a WinFuture article that has moved. status: what it answers with.
    """

    story: Story
    address: str
    status: int

    @property
    def id(self) -> str:
        """As in the feed."""
        return f"{self.story.site}:{self.story.number}"

    @property
    def is_available(self) -> bool:
        return self.status == 200


@dataclass(frozen=True)
class Expected:
    """A line of the feed that a faultless crawler writes.

    at: when it looked. event: published, updated or withdrawn. changed: of headline,
    description, article_body and url those that differ from the line before; none for an
    article that came back as it was. story: what the line says.
    """

    at: datetime
    id: str
    event: str
    changed: tuple[str, ...]
    story: Story


def standings(timeline: Timeline, site: str, at: datetime) -> dict[str, Standing]:
    """Every article that has been published up to a moment, by id, newest first.

    An event that waits for requests counts as happened: it has once the clock moves on.
    """
    happened = timeline.before(at)
    told = (timeline.events[place] for place in happened)
    published = sum(isinstance(event, Publish) and event.site == site for event in told)
    listed = range(timeline.published[site] - published, timeline.articles)
    found = (_standing(timeline, site, index, happened) for index in listed)
    return {standing.id: standing for standing in found}


def _standing(timeline: Timeline, site: str, index: int, happened: range) -> Standing:
    state = timeline.state(site, index, happened)
    story = state.article.story
    url = f"https://winfuture.de/news,{story.number}.html" if site == "winfuture" else story.url
    return Standing(replace(story, url=url), story.url, state.status)


def expected(
    timeline: Timeline,
    looks: Sequence[datetime] | Mapping[str, Sequence[datetime]] | None = None,
    *,
    confirm: timedelta = timedelta(0),
    sites: Sequence[str] = SITES,
) -> list[Expected]:
    """The lines of a faultless crawler's feed, sorted by time and id.

    looks: when it looked at every article; or, by id, when it looked at each; without them it
    looks whenever anything happens, so that no two changes fall together. During an outage it
    sees nothing. confirm: how long after its first absence a second look calls it withdrawn.
    """
    found: list[Expected] = []
    for site in sites:
        for index in range(timeline.articles):
            times: Iterable[datetime]
            if looks is None:
                times = _moments(timeline, site, index, confirm)
            elif isinstance(looks, Mapping):
                times = looks.get(f"{site}:{number_of(site, index)}", ())
            else:
                times = looks
            found += _lines(timeline, site, index, sorted(times), confirm)
    return sorted(found, key=lambda line: (line.at, line.id))


def _moments(timeline: Timeline, site: str, index: int, confirm: timedelta) -> set[datetime]:
    """When an article may look different from before."""
    happened = {timeline.events[place].at for place in timeline.own.get((site, index), ())}
    moments = happened | {end_of(outage) for outage in timeline.spans(Outage, site)}
    return {timeline.start, *moments, *(at + confirm for at in moments)}


def _lines(
    timeline: Timeline, site: str, index: int, looks: Iterable[datetime], confirm: timedelta
) -> Iterator[Expected]:
    last: Story | None = None
    gone_since: datetime | None = None
    is_withdrawn = False
    for look in looks:
        if look < timeline.start or timeline.span(Outage, site, look):
            continue
        standing = _standing(timeline, site, index, timeline.before(look))
        story = standing.story
        if not standing.is_available:
            gone_since = gone_since or look
            if last and not is_withdrawn and look - gone_since >= confirm:
                is_withdrawn = True
                yield Expected(look, standing.id, "withdrawn", (), last)
            continue
        if last is None:
            yield Expected(look, standing.id, "published", (), story)
        elif (changed := _changed(last, story)) or is_withdrawn:
            yield Expected(look, standing.id, "updated", changed, story)
        last, gone_since, is_withdrawn = story, None, False


def _changed(before: Story, after: Story) -> tuple[str, ...]:
    pairs = {
        "headline": (before.headline, after.headline),
        "description": (before.description, after.description),
        "article_body": (before.paragraphs, after.paragraphs),
        "url": (before.url, after.url),
    }
    return tuple(name for name, (one, other) in pairs.items() if one != other)
