"""The current view: one line an article, the latest, and none of what is gone."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crawler.feed import current, current_lines, read
from tests.test_feed import lay, line

EVENTS = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["published", "updated", "withdrawn"])),
    max_size=30,
)


@given(EVENTS, st.integers(1, 10))
def test_it_is_the_last_line_of_each_article_that_is_there(
    events: list[tuple[int, str]], most: int
) -> None:
    with TemporaryDirectory() as folder:
        feed = Path(folder)
        lines = [line(id_, event=event, headline=f"{n}") for n, (id_, event) in enumerate(events)]
        for start in range(0, len(lines), most):
            path = feed / "winfuture" / f"2026-01-01T0000{start:02d}.000Z.jsonl"
            lay(path, *lines[start : start + most])
        latest = {article.id: article for article in read(feed)}
        wanted = [article for article in latest.values() if article.event != "withdrawn"]
        found = [*current(feed)]
        assert found == sorted(wanted, key=lambda article: int(article.headline))
        assert {it.content for it in current_lines(feed)} <= {*lines}
