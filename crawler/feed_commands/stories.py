"""Print articles of all sites by story: those that tell of the same event, in whatever words.

The latest revision of each article counts; withdrawn ones are left out. Stories that only one
article tells are left out unless --all is given. With --explain the words stand below a story by
which its articles were found alike. Needs the extra `report`.
"""

import argparse
import sys
from collections import defaultdict
from importlib.util import find_spec

import msgspec
from scrapy.settings import BaseSettings

from crawler.commands import printable, wrong_use
from crawler.feed import current
from crawler.feed_commands import add_choice, add_path, choice, counted, feed_at, tell_empty
from crawler.items import Article
from crawler.outcome import COMPLETE


def add_options(parser: argparse.ArgumentParser) -> None:
    add_path(parser)
    add_choice(parser)
    parser.add_argument("--all", action="store_true", help="also stories of one article")
    parser.add_argument("--explain", action="store_true", help="say why articles are one story")
    parser.add_argument(
        "--json", action="store_true", help="a line an article: story_id, id, site, headline, url"
    )


def run(options: argparse.Namespace, settings: BaseSettings) -> int:
    wanted, path = choice(options), feed_at(options, settings)
    if not find_spec("snowballstemmer"):
        wrong_use("feed stories", "needs the extra: pip install -r requirements-report.lock")
    from crawler.stories import links, stories_of

    tell_empty("feed stories", path)
    articles = {article.id: article for article in current(path) if article in wanted}
    found = links(articles.values())
    pairs = [(link.one, link.other) for link in found]
    told: dict[str, list[Article]] = defaultdict(list)
    for id_, story_id in stories_of(articles.values(), pairs).items():
        told[story_id].append(articles[id_])
    for story_id, members in told.items():
        if len(members) == 1 and not options.all:
            continue
        for article in members:
            print(_line(story_id, article) if options.json else _row(article))
        if not options.json:
            ids = {article.id for article in members}
            for link in (link for link in found if options.explain and link.one in ids):
                words = ", ".join(link.terms)
                print(f"    {link.one} and {link.other} are {link.similarity:.2f} alike: {words}")
            print()
    several = sum(len(members) > 1 for members in told.values())
    told_of = f"{several:,} {'story' if several == 1 else 'stories'} of several"
    print(f"{counted(len(articles), 'article')}, {told_of}", file=sys.stderr)
    return COMPLETE


def _line(story_id: str, article: Article) -> str:
    names = ("id", "site", "date_published", "headline", "url")
    told = {"story_id": story_id, **{name: getattr(article, name) for name in names}}
    return msgspec.json.encode(told).decode()


def _row(article: Article) -> str:
    when = article.date_published[:16].replace("T", " ")
    return printable(f"{when}  {article.site:<10}  {article.headline}")
