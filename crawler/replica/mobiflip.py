"""Renders mobiFlip's pages: WordPress with a magazine theme, in UTF-8."""

from collections.abc import Sequence
from functools import cache
from html import escape

from crawler.replica import mobiflip_body, mobiflip_head
from crawler.replica.drafts import slug
from crawler.replica.markup import Entry, day_in_words, moment, quoted
from crawler.replica.stories import Article
from crawler.replica.template import Template

HOME = "https://www.mobiflip.de"


def encode(text: str) -> bytes:
    """As the server sends it."""
    return text.encode("utf-8")


@cache
def skeleton() -> Template:
    """What surrounds every page, read when first needed."""
    return Template("mobiflip.html", encode)


def article_page(article: Article, related: Sequence[Entry]) -> tuple[bytes, ...]:
    """An article page; ``related`` are its neighbours."""
    number = article.story.number
    return skeleton().fill(
        {
            "head": "\n".join(mobiflip_head.head(article)),
            "body_class": f"post-template-default single single-post postid-{number}",
            "content": "\n".join(mobiflip_body.content(article, related)),
            "newest": "\n".join(_box_line(entry) for entry in related),
        }
    )


def amp_page(article: Article) -> bytes:
    """The AMP twin of an article."""
    story = article.story
    text = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in story.paragraphs)
    return encode(
        '<!doctype html>\n<html amp lang="de"><head>\n<meta charset="utf-8">\n'
        f'<title>{escape(story.headline)}</title>\n<link rel="canonical" href="{story.url}" />\n'
        f'</head>\n<body><article class="amp-wp-article"><h1 class="amp-wp-title">'
        f'{escape(story.headline)}</h1>\n<div class="amp-wp-article-content">{text}</div>'
        "</article></body></html>\n"
    )


def tag_page(
    tag: str, page: int, last: int, entries: Sequence[Entry], newest: Sequence[Entry]
) -> tuple[bytes, ...]:
    """One page of a topic; the first repeats its newest posts in a featured block."""
    name = tag.title()
    head = [
        f"<title>{escape(name)} - mobiFlip.de</title>",
        f'<link rel="canonical" href="{_path(tag, page)}" />',
        f'<link rel="alternate" type="application/rss+xml" href="{HOME}/thema/{tag}/feed/" />',
    ]
    if page > 1:
        head.append(f'<link rel="prev" href="{_path(tag, page - 1)}" />')
    if page < last:
        head.append(f'<link rel="next" href="{_path(tag, page + 1)}" />')
    items = [_item(entry) for entry in entries]
    items[4:4] = [_advert()]
    content = [
        f'<h1 class="archive-head">{escape(name)}</h1>',
        _featured(entries) if page == 1 else "",
        '<ul class="archive-list infinite-content">',
        *items,
        "</ul>",
        _pagination(tag, page, last),
    ]
    return skeleton().fill(
        {
            "head": "\n".join(head),
            "body_class": f"archive tag tag-{tag}" + (f" paged-{page}" if page > 1 else ""),
            "content": "\n".join(content),
            "newest": "\n".join(_box_line(entry) for entry in newest),
        }
    )


def _box_line(entry: Entry) -> str:
    return f'<li><a href="{entry.url}" rel="bookmark">{escape(entry.headline)}</a></li>'


def _item(entry: Entry) -> str:
    day = moment(entry.published)
    return f"""<li class="infinite-post">
	<a href="{entry.url}" rel="bookmark" title="{quoted(entry.headline)}">
	<div class="archive-list-out">
		<div class="archive-list-img left relative">
			<img src="{entry.image}" class="reg-img wp-post-image" alt="" loading="lazy" />
		</div>
		<div class="archive-list-in"><div class="archive-list-text left relative">
			<span class="side-list-cat">News</span>
			<h2>{escape(entry.headline)}</h2>
			<p>{escape(entry.teaser)}</p>
			<span class="archive-byline">{day:%d.%m.%y} | {escape(entry.author)}</span>
		</div></div>
	</div>
	</a>
</li>"""


def _advert() -> str:
    return """<li class="infinite-post">
	<div class="archive-list-out advert"><span class="ad-label">Anzeige</span>
		<a href="https://werbung.example/klick?id=77" rel="nofollow sponsored">
			<img src="https://werbung.example/kachel.gif" alt="" />
		</a>
	</div>
</li>"""


def _featured(entries: Sequence[Entry]) -> str:
    sides = ("feat-top2-left", "feat-top2-right")
    boxes = "\n".join(
        f'<div class="{side} left relative"><a href="{entry.url}" rel="bookmark">'
        f'<img src="{entry.image}" alt="" /><h2>{escape(entry.headline)}</h2>'
        f'<span class="feat-date">{day_in_words(entry.published)}</span></a></div>'
        for side, entry in zip(sides, entries, strict=False)
    )
    return f'<section id="feat-top-wrap" class="left relative">\n{boxes}\n</section>'


def _pagination(tag: str, page: int, last: int) -> str:
    pages = "".join(
        f'<span class="current">{number}</span>'
        if number == page
        else f'<a href="{_path(tag, number)}" class="inactive">{number}</a>'
        for number in range(1, last + 1)
        if number in (1, last) or abs(number - page) < 3
    )
    more = f'<a href="{_path(tag, page + 1)}">Mehr Beiträge</a>' if page < last else ""
    return (
        f'<div class="pagination"><span>Seite {page} von {last}</span>{pages}</div>\n'
        f'<div class="nav-links">{more}</div>'
    )


def _path(tag: str, page: int) -> str:
    return f"{HOME}/thema/{slug(tag)}/" + ("" if page == 1 else f"page/{page}/")
