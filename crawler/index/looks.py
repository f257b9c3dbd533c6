"""Second looks: when an article is due for one, and what the last one found.

Derived from the feed as far as it tells; what it does not (validators, looks that found nothing
new) costs a request more when the index is lost, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.index.database import PartOf, Rebuildable, rebuilt_when_damaged
from crawler.index.walks import Validators
from crawler.normalise import utc

_NONE = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An article to look at again: when it was last there, what its page said of itself then,
    and when it was first found to be gone, if so. Times are RFC 3339 in UTC."""

    id: str
    looked: str = ""
    validators: Validators = _NONE
    gone: str | None = None


def next_look(since: datetime, looked: datetime, hours: Sequence[float]) -> datetime | None:
    """The first age of the schedule that the last look has not covered; None after the last."""
    ages = (since + timedelta(hours=age) for age in sorted(hours))
    return next((moment for moment in ages if moment > looked), None)


class Looks(PartOf):
    """The table of looks. `hours`: at which ages of an article, in hours, it is looked at again."""

    def __init__(self, owner: Rebuildable, hours: Sequence[float]) -> None:
        super().__init__(owner)
        self.hours = hours

    def schedule(self, id_: str, site: str, published: str, downloaded: str, now: datetime) -> None:
        """Takes note of a record: of an article as it was downloaded at a time.

        An article counts from its publication or from the day we first saw it, whichever was
        earlier; one whose last look is past is not scheduled, else a new index would ask for
        the whole history.
        """
        looked = datetime.fromisoformat(downloaded)
        try:
            since = min(datetime.fromisoformat(published), looked).astimezone(UTC)
            is_over = not self.hours or since + timedelta(hours=max(self.hours)) < now
            due = None if is_over else next_look(since, looked, self.hours)
        except (ValueError, OverflowError):
            due = None
        if due is None:
            self.connection.execute("DELETE FROM look WHERE id = ?", (id_,))
        else:
            self.connection.execute(
                "INSERT INTO look VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL) "
                "ON CONFLICT (id) DO UPDATE SET site = excluded.site, since = excluded.since, "
                "looked = excluded.looked, due = excluded.due, etag = NULL, last_modified = NULL, "
                "gone = NULL",
                (id_, site, utc(since), utc(looked), utc(due)),
            )

    @rebuilt_when_damaged
    def due(self, site: str, now: datetime) -> list[Look]:
        """Articles of a site whose look is due, the longest overdue first."""
        found = self.connection.execute(
            "SELECT id, looked, etag, last_modified, gone FROM look "
            "WHERE site = ? AND due <= ? ORDER BY due, id",
            (site, utc(now)),
        )
        return [
            Look(id=id_, looked=looked, validators=Validators(etag, modified), gone=gone)
            for id_, looked, etag, modified, gone in found
        ]

    @rebuilt_when_damaged
    def controls(self, site: str, since: datetime, now: datetime, wanted: int) -> list[Look]:
        """As many articles, the youngest first, as are wanting to `wanted` looked at or found
        since a moment; none that is due anyway, or gone."""
        (had,) = self.connection.execute(
            "SELECT count(*) FROM look WHERE site = ? AND looked > ?", (site, utc(since))
        ).fetchone()
        found = self.connection.execute(
            "SELECT id, looked, etag, last_modified FROM look WHERE site = ? AND looked <= ? "
            "AND due > ? AND gone IS NULL ORDER BY since DESC, id LIMIT ?",
            (site, utc(since), utc(now), max(0, wanted - had)),
        )
        return [
            Look(id=id_, looked=looked, validators=Validators(etag, modified))
            for id_, looked, etag, modified in found
        ]

    @rebuilt_when_damaged
    def looked(self, id_: str, now: datetime, validators: Validators = _NONE) -> None:
        """Takes note that an article was there, with the validators of its page."""
        row = self.connection.execute("SELECT since FROM look WHERE id = ?", (id_,)).fetchone()
        if row is None:
            return
        due = next_look(datetime.fromisoformat(row[0]), now, self.hours)
        if due is None:
            self.connection.execute("DELETE FROM look WHERE id = ?", (id_,))
        else:
            self.connection.execute(
                "UPDATE look SET looked = ?, due = ?, gone = NULL, etag = ?, last_modified = ? "
                "WHERE id = ?",
                (utc(now), utc(due), validators.etag, validators.last_modified, id_),
            )

    @rebuilt_when_damaged
    def gone(self, id_: str, now: datetime, due: datetime) -> None:
        """Takes note that an article was not there, and when to ask once more."""
        self.connection.execute(
            "UPDATE look SET gone = ifnull(gone, ?), due = ? WHERE id = ?",
            (utc(now), utc(due), id_),
        )
