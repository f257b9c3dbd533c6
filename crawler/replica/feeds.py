"""RSS feeds and sitemaps of both sites."""

import gzip
from collections.abc import Iterable
from email.utils import format_datetime
from xml.sax.saxutils import escape

from crawler.replica.markup import moment
from crawler.replica.site import Reply
from crawler.replica.stories import Article, Story

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def xml(text: str) -> Reply:
    """An XML document, in UTF-8."""
    return Reply(200, {"Content-Type": "text/xml; charset=utf-8"}, (text.encode("utf-8"),))


def gzipped(text: str) -> Reply:
    """A compressed file, not a compressed transfer."""
    body = gzip.compress(text.encode("utf-8"), mtime=0)
    return Reply(200, {"Content-Type": "application/x-gzip"}, (body,))


def winfuture_rss(articles: Iterable[Article]) -> str:
    """RSS 2.0 with a line of text for each article."""
    items = "".join(
        f"<item>\n<title>{escape(story.headline)}</title>\n<link>{story.url}</link>\n"
        f'<guid isPermaLink="true">{story.url}</guid>\n<pubDate>{_date(story)}</pubDate>\n'
        f"<description>{escape(story.description)}</description>\n</item>\n"
        for story in (article.story for article in articles)
    )
    return (
        f'{DECLARATION}<rss version="2.0">\n<channel>\n<title>WinFuture News</title>\n'
        "<link>https://winfuture.de</link>\n<description>News</description>\n"
        f"<language>de-DE</language>\n{items}</channel>\n</rss>\n"
    )


def wordpress_rss(title: str, articles: Iterable[Article]) -> str:
    """RSS 2.0 as WordPress writes it, the whole text included."""
    items = "".join(_wordpress_item(article.story) for article in articles)
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    return (
        f'{DECLARATION}<rss version="2.0" {spaces}>\n<channel>\n'
        f"<title>{escape(title)} - mobiFlip.de</title>\n<link>https://www.mobiflip.de/</link>\n"
        f"<description>News</description>\n<language>de</language>\n{items}</channel>\n</rss>\n"
    )


def _wordpress_item(story: Story) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in story.paragraphs)
    categories = "".join(f"<category><![CDATA[{word}]]></category>\n" for word in story.keywords)
    return (
        f"<item>\n<title>{escape(story.headline)}</title>\n<link>{story.url}</link>\n"
        f"<dc:creator><![CDATA[{story.authors[0][0]}]]></dc:creator>\n"
        f"<pubDate>{_date(story)}</pubDate>\n{categories}"
        f'<guid isPermaLink="false">https://www.mobiflip.de/?p={story.number}</guid>\n'
        f"<description><![CDATA[{story.description}]]></description>\n"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>\n</item>\n"
    )


def sitemap_index(addresses: Iterable[str]) -> str:
    """A sitemap of sitemaps."""
    entries = "".join(f"<sitemap><loc>{address}</loc></sitemap>\n" for address in addresses)
    return f'{DECLARATION}<sitemapindex xmlns="{SITEMAP}">\n{entries}</sitemapindex>\n'


def sitemap(articles: Iterable[Article]) -> str:
    """A plain sitemap with the time of each article's last change."""
    entries = "".join(
        f"<url><loc>{story.url}</loc>"
        f"<lastmod>{story.date_modified or story.date_published}</lastmod></url>\n"
        for story in (article.story for article in articles)
    )
    return f'{DECLARATION}<urlset xmlns="{SITEMAP}">\n{entries}</urlset>\n'


def news_sitemap(name: str, articles: Iterable[Article]) -> str:
    """A sitemap in Google's news format."""
    entries = "".join(
        f"<url><loc>{story.url}</loc><news:news><news:publication><news:name>{name}</news:name>"
        "<news:language>de</news:language></news:publication>"
        f"<news:publication_date>{story.date_published}</news:publication_date>"
        f"<news:title>{escape(story.headline)}</news:title></news:news></url>\n"
        for story in (article.story for article in articles)
    )
    return f'{DECLARATION}<urlset xmlns="{SITEMAP}" xmlns:news="{NEWS}">\n{entries}</urlset>\n'


def _date(story: Story) -> str:
    return format_datetime(moment(story.date_published))
