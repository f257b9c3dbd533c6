"""The middle of a WinFuture article page: bare text between line breaks, and much else."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from html.entities import codepoint2name

from crawler.replica.drafts import slug
from crawler.replica.markup import Entry, hyphenated, links_and_bold, moment, quoted
from crawler.replica.stories import Article, Block

ANCHOR = '<a class="newslink" href="{}" title="Mehr dazu">'
BREAK = "<br/><br/>"
AFFILIATE_NOTICE = (
    "Dieser Beitrag enthält Affiliate-Links. Kauft ihr darüber ein, bekommen wir eine kleine "
    "Provision, euer Preis bleibt gleich."
)
INLINE_ADVERT = (
    '<script type="text/javascript">/*<![CDATA[*/if(window.replica_box)document.write('
    "'<div class=\"ws_contentAd300\"><p>Jetzt Angebote ansehen</p><sc'+'ript>"
    "replica_box.fill();</sc'+'ript></div>')/*]]>*/</script>"
    '<div id="adr_6"></div>'
)
WIDGET = (
    '<div class="primis_widget"><span>Anzeige {number}</span>'
    "<p>Zubehör im Angebot: Hüllen, Kabel, Netzteile</p></div>"
)
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
BEYOND_LATIN = re.compile(r"[^\x00-\xff]")


def content(article: Article, related: Sequence[Entry]) -> str:
    """Everything inside ``.primary_content``; line ends and entities vary with the article."""
    traits = article.traits
    html = "\n".join([*_above(article), *_middle(article, related), _below(article, related)])
    if "crlf" in traits:
        html = html.replace(f"\n{BREAK}\n", f"\r\n{BREAK}\r\n")
    if "entities" in traits:
        return BEYOND_ASCII.sub(_entity, html)
    return html if "cp1252" in traits else typographic_entities(html)


def typographic_entities(html: str) -> str:
    """Dashes and quotes as entities, so that real ISO-8859-1 remains."""
    return BEYOND_LATIN.sub(_entity, html)


def _entity(letter: re.Match[str]) -> str:
    return f"&{codepoint2name[ord(letter[0])]};"


def _above(article: Article) -> list[str]:
    story = article.story
    title = quoted(story.headline)
    lead = links_and_bold(hyphenated(article.lead), ANCHOR)
    if "layout2026" in article.traits:
        intro = f'<strong class="article-intro">{lead}</strong>{BREAK}'
    else:
        intro = f'\t<div class="teaser_text">{lead}\n</div>'
    pixel = f"https://zaehler.example/na/{story.number:032x}"
    return [
        '<div class="content_wrap">\n',
        f'<h1 class="template-clean" title="{title}">{escape(story.headline)}</h1>',
        f'<img src="{pixel}" width="1" height="1" alt="" />',
        '<div class="showitxt txt2 mb20 template-clean" id="news_content">\n',
        intro,
        _metadata(article),
        _teaser_image(article),
        "\t<script type=\"text/javascript\">/*<![CDATA[*/replica_adset('lead');/*]]>*/</script>",
    ]


def _teaser_image(article: Article) -> str:
    """The picture above the text; its alternative text is a list of keywords."""
    story = article.story
    return f"""	<div class="teaser_img_container">
	<img class="teaser_img" src="{story.images[0][0].replace("/1920/", "/660/")}"
		alt="{quoted(", ".join(article.keywords))}" width="660" height="371" />
	</div>
"""


def _metadata(article: Article) -> str:
    story = article.story
    pdf = f"https://pdf.winfuture.de/news/{story.number}/{slug(story.headline)}.pdf?h=3f0067"
    if story.is_advertisement:
        last = '<div class="mark_anzeige">Anzeige</div>'
    else:
        last = f'<span title="Kommentare" class="comments"><i></i>{_comments(article)}</span>'
    day = moment(story.date_published)
    return f"""
	<div class="metadata">
		<div class="social_icons">
			<div class="social">
				<a class="pdf" title="Als PDF laden" href="{pdf}" rel="nofollow noopener"></a>
				<span class="audio" title="Vorlesen"></span>
				<span class="share" title="Teilen"></span>
				{last}
			</div>
			<div class="author_date">
				<span class="author">
{", ".join(_author(name, url) for name, url in story.authors)},&nbsp;
				</span>
				<a class="date" href="/archiv/{day:%Y/%m/%d}/">
					{day:%d.%m.%Y %H:%M} Uhr
				</a>
			</div>
		</div>
		<div class="clearfix"></div>
		<div class="spktio_container"></div>
	</div>
"""


def _comments(article: Article) -> int:
    return article.story.number % 40 + article.comments


def _author(name: str, url: str | None) -> str:
    if not url:
        return escape(name)
    path = url.removeprefix("https://winfuture.de")
    return f'<a rel="author" class="newslink" href="{path}">{escape(name)}</a>'


def _middle(article: Article, related: Sequence[Entry]) -> Iterator[str]:
    blocks = article.blocks
    at_the_top = "summary_on_top" in article.traits
    points = () if at_the_top else article.story.summary_points
    if at_the_top:
        yield from _summary(article.story.summary_points)
    for place, block in enumerate(blocks):
        following = blocks[place + 1].kind if place + 1 < len(blocks) else ""
        if block.kind == "related":
            yield from _summary(points)
            yield from _see_also(related)
        elif block.kind == "p":
            yield _text(block.text, first=place == 0)
            # A picture with a caption follows the text without a line break.
            yield "" if following in ("image", "list") else BREAK
        else:
            yield from _block(article, block, place)
        if place == 4:
            yield INLINE_ADVERT
        if place == 1 and article.adverts:
            yield WIDGET.format(number=article.adverts)
    if not any(block.kind == "related" for block in blocks):
        yield from _summary(points)
    if "deal" in article.traits:
        yield f'<br/><br/><br/><i style="color:grey; font-size:11px">{AFFILIATE_NOTICE}</i>'


def _text(text: str, *, first: bool) -> str:
    if first and "Huawei" in text and "](" not in text:
        text = text.replace("Huawei", "[Huawei](https://winfuture.de/special/huawei/)", 1)
    return links_and_bold(hyphenated(text), ANCHOR)


def _block(article: Article, block: Block, place: int) -> Iterator[str]:
    text = links_and_bold(hyphenated(block.text), ANCHOR)
    match block.kind:
        case "h2" | "h3":
            yield f"<{block.kind}>{text}</{block.kind}>"
        case "list":
            items = "\n".join(f"<li>{links_and_bold(item, ANCHOR)}</li>" for item in block.items)
            yield f'<div class="changelog_list colored"><ul>\n{items}\n</ul></div>\n<br/>'
        case "quote":
            yield f"<i>{text}</i>\n{BREAK}"
        case "question":
            yield f"<b>{text}</b>\n{BREAK}"
        case "image":
            yield _picture(block, place)
        case "video":
            yield _video(article, block)
        case "gallery":
            yield _gallery(article, block)
        case "offer":
            yield _offer(article, block)


def _picture(block: Block, place: int) -> str:
    caption = quoted(block.text)
    name = block.url.rpartition("/")[2]
    return (
        f'<span class="hmedia"><img class="photo" src="{block.url}" alt="{name[:20]}" border="0"'
        f' width="660" height="330"/><a class="fn" href="/screenshots/{name[:20]}-{place}.html"'
        f' title="{caption}">{caption}</a></span>'
    )


def _video(article: Article, block: Block) -> str:
    story = article.story
    number = story.number % 30_000
    return (
        f'<div class="video_container"><span>{escape(block.text)}</span><script type='
        f'"text/javascript" src="https://winfuture.de/video/video.php?video_id={number}"></script>'
        f'</div><br/>\n<script type="application/ld+json">\n{{"@context":"https://schema.org",'
        f'"@type":"VideoObject","name":"{block.text}","description":"{block.note or block.text}",'
        f'"thumbnailUrl":"https://i.wfcdn.de/teaser/videos/{number}.jpg",'
        f'"uploadDate":"{story.date_published}","duration":"PT44S",'
        f'"contentUrl":"https://videos.winfuture.de/{number}.mp4"}}\n</script>'
    )


def _gallery(article: Article, block: Block) -> str:
    number = article.story.number % 35_000
    links = "".join(
        f'<a href="/screenshots/{slug(caption)}-{number}-{place}.html" title="{quoted(caption)}">'
        f'<img src="https://scr.wfcdn.de/{number}/{slug(caption)}-{place}.jpg" width="130"'
        f' height="98" alt="{quoted(caption)}" /><span>{escape(caption)}</span></a>\n'
        for place, caption in enumerate(block.items, 1)
    )
    return f'<div class="neueste_screenshots gallery">\n{links}</div>\n<br/>'


def _offer(article: Article, block: Block) -> str:
    url = f"https://winfuture.de/r?h={article.story.number:x}&amp;u=https%3A%2F%2Fshop.example%2F"
    return f"""<a class="button_box green" href="{url}" target="_blank" rel="noopener">
	<span class="flexbox_left">
		<strong>{escape(block.text)}</strong>
		<span>{escape(block.note)}</span>
	</span>
	<span class="flexbox_right">
		<span class="css_button" >Zum Angebot</span>
	</span>
</a>
<br/>"""


def _summary(points: Sequence[str]) -> Iterator[str]:
    if points:
        items = "\n".join(f"<li>{escape(point)}</li>" for point in points)
        yield (
            '<div class="summary_box">\n<b>Zusammenfassung</b>\n<div class="changelog_list"><ul>\n'
            f"{items}\n</ul></div>\n</div>\n<br/>"
        )


def _see_also(related: Sequence[Entry]) -> Iterator[str]:
    items = "\n".join(
        f'<li><a class="newslink" href="{entry.url}" title="{quoted(entry.headline)}">'
        f"{escape(entry.headline)}</a></li>"
        for entry in related[:3]
    )
    if items:
        yield f'<b>Siehe auch:</b><br/>\n<div class="changelog_list"><ul>\n{items}\n</ul></div>\n'


def _below(article: Article, related: Sequence[Entry]) -> str:
    story = article.story
    links = "".join(
        f'<a href="{entry.url}">{escape(entry.headline)}</a><br/>\n' for entry in related[:3]
    )
    tags = " ".join(
        f'<a title="{tag}" href="/special/{tag}/">{tag}</a>' for tag in ("huawei", *article.tags)
    )
    return f"""</div><!-- articleBody -->

	<div class="mb20 more_links">
		<b>Themen:</b> <div class="links">{tags}</div>
	</div>
<div id="adr_2"></div><div class="mt30 mb35"><div class="social_link_comment">
		<em title="Artikel kommentieren"><span>Kommentieren</span></em>
		<span><i></i>{_comments(article)}</span></div>
		<form action="/news-hinweis.html" method="post">
			<input type="hidden" name="news_id" value="{story.number}"></form>
		<div class="clearfix"></div>
</div>
	<div class="OUTBRAIN nodigidip" data-src="{story.url}" data-widget-id="AR_1"></div>
	<noscript>
		<div class="clearB_w mb10 mt15">
			<b>Weitere Nachrichten zum Thema</b>
		</div>
{links}	</noscript>
	<div class="mt20 mb3" id="block"></div>

</div><div id="block" class="content_wrap">
<div class="mt10 mb10 nointelliTXT">
	<div id="comments_box" class="nointelliTXT">
		<div class="css_button mt10 mb10">Jetzt einen Kommentar schreiben</div>
		<br/><br/>
		<a id="commentslink"
			href="/news-kommentare,{story.number}.html">Alle Kommentare zu dieser News anzeigen</a>
	</div>
</div>
</div>"""
