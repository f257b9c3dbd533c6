"""Renders WinFuture's pages, in windows-1252 that calls itself ISO-8859-1."""

from collections.abc import Sequence
from functools import cache
from html import escape

from crawler.replica import winfuture_body, winfuture_head
from crawler.replica.markup import Entry, moment, quoted
from crawler.replica.stories import Article
from crawler.replica.template import Template

HOME = "https://winfuture.de"


def encode(text: str) -> bytes:
    """As the server sends it; what windows-1252 lacks becomes a numeric reference."""
    return text.encode("cp1252", "xmlcharrefreplace")


@cache
def skeleton() -> Template:
    """What surrounds every desktop page, read when first needed."""
    return Template("winfuture.html", encode)


def article_page(article: Article, related: Sequence[Entry]) -> tuple[bytes, ...]:
    """A desktop article page; ``related`` are its neighbours in the boxes around it."""
    return skeleton().fill(
        {
            "head": "\n".join(winfuture_head.head(article)),
            "breadcrumb": winfuture_head.breadcrumb(article.story.article_section),
            "content": winfuture_body.content(article, related),
            "newest": "\n".join(_box_line(entry) for entry in related),
        }
    )


def mobile_page(article: Article) -> bytes:
    """The lighter page of m.winfuture.de."""
    story = article.story
    text = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in story.paragraphs)
    return encode(
        "<!DOCTYPE html>\n<html lang='de'><head>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1" />\n'
        f"<title>{escape(story.headline)}</title>\n"
        f'<link rel="canonical" href="{story.url}" />\n</head>\n<body>\n'
        f'<article class="news"><h1>{escape(story.headline)}</h1>\n'
        f'<p class="teaser">{escape(story.description)}</p>\n{text}</article>\n</body></html>\n'
    )


def tag_page(
    tag: str, page: int, last: int, entries: Sequence[Entry], newest: Sequence[Entry]
) -> tuple[bytes, ...]:
    """One page of a special: teasers in several spellings of their addresses, adverts between."""
    path = f"{HOME}/special/{tag}/" + ("" if page == 1 else f"{page}/")
    title = f"{tag.title()}: News und Themen"
    feed = f"https://static.winfuture.de/feeds/special/{tag}/latest-rss2.0.xml"
    crumb = f'<li class="last"><a href="/special/{tag}/"><i>{tag}</i></a></li>'
    head = [
        f"\t\t<title>{escape(title)}</title>",
        f'\t\t<link rel="canonical" href="{path}" />',
        f'\t\t<link rel="alternate" type="application/rss+xml" href="{feed}" />',
    ]
    teasers = [_teaser(entry, place) for place, entry in enumerate(entries)]
    teasers[3:3] = [_advert(tag)]
    content = "\n".join(
        [
            f'<div class="content_wrap">\n<h1>{escape(title)}</h1>',
            '<div class="special_news">',
            *teasers,
            "</div>",
            _pagination(tag, page, last),
            "</div>",
        ]
    )
    return skeleton().fill(
        {
            "head": "\n".join(head),
            "breadcrumb": f'<ul id="breadcrumb">{crumb}</ul>',
            "content": winfuture_body.typographic_entities(content),
            "newest": "\n".join(_box_line(entry) for entry in newest),
        }
    )


def _box_line(entry: Entry) -> str:
    headline = quoted(entry.headline)
    path = entry.url.removeprefix(HOME)
    return f'\t\t\t<li><a href="{path}" target="_top" title="{headline}">{headline}</a></li>'


def _teaser(entry: Entry, place: int) -> str:
    number = entry.url.rpartition(",")[2].removesuffix(".html")
    comments = ""
    if number.isdigit():
        comments = f'<a class="comments" href="/news-kommentare,{number}.html">Kommentare</a>'
    headline, day = quoted(entry.headline), moment(entry.published)
    href = quoted(_spelling(entry.url, number, place))
    return f"""<div class="special_teaser">
	<a class="img" href="{href}"><img src="{entry.image.replace("/1920/", "/128/")}" alt="" /></a>
	<h3><a href="{href}" title="{headline}">{headline}</a></h3>
	<span class="date">{day:%d.%m.%Y %H:%M} Uhr</span>
	<p>{escape(entry.teaser)} <a href="{quoted(entry.url)}#comments">weiter</a> {comments}</p>
</div>"""


def _spelling(url: str, number: str, place: int) -> str:
    """One of the forms in which the site links an article."""
    if not number.isdigit():
        return url
    forms = (
        f"/news,{number}.html",
        f"/news,{number}1.html",
        f"http://winfuture.de/news,{number}.html",
        f"https://www.winfuture.de/news,{number}.html",
        f"/news,{number}.html?utm_source=special&utm_medium=teaser",
        f"https://winfuture.de/news,{number}.html",
    )
    return forms[place % len(forms)]


def _advert(tag: str) -> str:
    return f"""<div class="special_teaser advert"><span>Anzeige</span>
	<a href="/r?h=ab12cd34&amp;u=https%3A%2F%2Fshop.example%2F" rel="nofollow">Zubehör</a>
	<a href="/special/{tag}/angebote">Angebote</a>
	<a href="/videos/Hardware/Messerundgang-28812.html">Video: Messerundgang</a>
	<a href="/screenshots/Messerundgang-31901-1.html">Bilder: Messerundgang</a>
</div>"""


def _pagination(tag: str, page: int, last: int) -> str:
    links = [
        f"<b>{number}</b>" if number == page else f'<a href="{_path(tag, number)}">{number}</a>'
        for number in range(1, last + 1)
        if number in (1, last) or abs(number - page) < 4
    ]
    if page < last:
        links.append(f'<a class="next" rel="next" href="{_path(tag, page + 1)}">Weiter</a>')
    return f'<div class="pagination">{" ".join(links)}</div>'


def _path(tag: str, page: int) -> str:
    return f"/special/{tag}/" + ("" if page == 1 else f"{page}/")
