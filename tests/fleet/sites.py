"""Forty sites: copies of one that the replica plays, each under a host of its own."""

from typing import Any

from crawler.pages import ArticleUrl
from crawler.spiders import winfuture
from crawler.tag_spider import TagSpider

COUNT = 40
NAMES = [f"site{number:02}" for number in range(COUNT)]


def host(name: str) -> str:
    return f"{name}.example"


def _made(name: str) -> type[TagSpider]:
    form = f"https://{host(name)}/news,{{number}}.html"
    url = ArticleUrl(hosts=frozenset({host(name)}), forms={r"/news,(?P<number>\d+)\.html": form})
    told: dict[str, Any] = {"ARTICLE_URL": url, "__module__": __name__}
    title = name.capitalize()
    spider: dict[str, Any] = {
        "name": name,
        "start_url": f"https://{host(name)}/special/{{topic}}/",
        "tag_page": type(f"{title}TagPage", (winfuture.WinfutureTagPage,), told),
        "article_page": type(f"{title}ArticlePage", (winfuture.WinfutureArticlePage,), told),
        "__module__": __name__,
    }
    return type(f"{title}Spider", (TagSpider,), spider)


# Where Scrapy looks for spiders.
globals().update({f"{name.capitalize()}Spider": _made(name) for name in NAMES})
