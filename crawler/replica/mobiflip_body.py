"""The middle of a mobiFlip article: the theme's header, the text, and the boxes below it."""

from collections.abc import Iterator, Sequence
from html import escape
from unicodedata import normalize

from crawler.replica.drafts import slug
from crawler.replica.markup import Entry, day_in_words, hyphenated, links_and_bold, quoted
from crawler.replica.stories import Article, Block, gallery_image

ANCHOR = '<a href="{}" target="_blank" rel="noopener">'
AFFILIATE_NOTICE = (
    "* Mit einem Stern markierte Verweise sind Affiliate-Links. Für einen Kauf darüber erhalten "
    "wir eine Provision, für dich kostet es nicht mehr."
)
WIDGET = (
    '<div class="code-block adsbygoogle"><span>Anzeige {number}</span>'
    "<p>Zubehör im Angebot: Hüllen, Kabel, Netzteile</p></div>"
)
DISQUS_NOTICE = (
    "Das DISQUS-Kommentarsystem verarbeitet personenbezogene Daten. Die Kommentare werden erst "
    "geladen, wenn du zustimmst."
)


def content(article: Article, related: Sequence[Entry]) -> Iterator[str]:
    """Everything of the article's own column."""
    story = article.story
    old = "yoast" not in article.traits
    scope = ' itemscope itemtype="http://schema.org/NewsArticle"' if old else ""
    yield f'<article id="post-area" class="left relative post-{story.number} post"{scope}>'
    yield from _header(article, old=old)
    yield _lead_image(article, old=old)
    body = ' itemprop="articleBody"' if old else ""
    yield f'<div id="content-area"{body} class="post-{story.number} post">'
    yield '<div id="content-main" class="left relative">'
    for place, block in enumerate(article.blocks):
        html = _block(article, block)
        yield normalize("NFD", html) if "decomposed" in article.traits else html
        if place == 1 and article.adverts:
            yield WIDGET.format(number=article.adverts)
    if "deal" in article.traits:
        yield f'<p class="affiliate-hinweis"><small>{AFFILIATE_NOTICE}</small></p>'
    yield "</div><!--content-main-->"
    yield from _below(article, related)
    yield "</div><!--content-area-->\n</article>"


def _header(article: Article, *, old: bool) -> Iterator[str]:
    story = article.story

    def mark(name: str) -> str:
        return f' itemprop="{name}"' if old else ""

    section = slug(story.article_section)
    yield '<header id="post-header" class="left relative">'
    yield f"""<a class="post-cat-link" href="https://www.mobiflip.de/kategorie/{section}/">
<span class="post-head-cat">{escape(story.article_section)}</span></a>"""
    yield f'<h1 class="post-title entry-title left"{mark("headline")}>{escape(story.headline)}</h1>'
    yield '<div class="post-author-info">'
    for name, url in story.authors:
        person = ' itemprop="author" itemscope itemtype="https://schema.org/Person"' if old else ""
        yield f"""<div class="post-author-in"{person}><p>Von</p>
<span class="author-name vcard fn author"{mark("name")}><a href="{url}"
	title="Beiträge von {quoted(name)}" rel="author">{escape(name)}</a></span></div>"""
    # Older posts name the moment without an offset.
    moment = story.date_published[:19] if old else story.date_published
    shown = day_in_words(story.date_published)
    attributes = f'class="post-date updated"{mark("datePublished")} datetime="{moment}"'
    yield f"<p>am</p> <time {attributes}>{shown}</time>"
    if old and story.date_modified:
        yield f'<meta itemprop="dateModified" content="{story.date_modified}"/>'
    yield "</div>"
    count = f"{article.comments} " if article.comments else ""
    yield f'<a class="comment-count" href="#disqus_thread">{count}Kommentare</a>\n</header>'


def _lead_image(article: Article, *, old: bool) -> str:
    url, alt = article.story.images[0][0], "Huawei Titelbild"
    scope = ' itemprop="image" itemscope itemtype="https://schema.org/ImageObject"' if old else ""
    meta = f'<meta itemprop="url" content="{url}"/>' if old else ""
    return (
        f'<div id="post-feat-img" class="left relative"{scope}>'
        f'<img src="{url}" class="attachment- size- wp-post-image" alt="{alt}" />{meta}</div>'
    )


def _block(article: Article, block: Block) -> str:
    text = links_and_bold(hyphenated(block.text) if article.index % 5 == 0 else block.text, ANCHOR)
    match block.kind:
        case "p" | "h2" | "h3":
            return f"<{block.kind}>{text}</{block.kind}>"
        case "question":
            return f"<p><strong>{text}</strong></p>"
        case "quote":
            return f"<blockquote><p>{text}</p></blockquote>"
        case "list":
            items = "\n".join(f"<li>{links_and_bold(item, ANCHOR)}</li>" for item in block.items)
            return f"<ul>\n{items}\n</ul>"
        case "image":
            return _figure("wp-caption alignnone", block.url, block.text)
        case "gallery":
            return _gallery(article, block)
        case "video":
            source = f"https://www.youtube-nocookie.com/embed/{article.story.number}"
            return f"""<div class="embed-container"><iframe title="{quoted(block.text)}"
	src="{source}" allowfullscreen></iframe></div>"""
        case "offer":
            shop = f"https://www.mobiflip.de/out/{article.story.number}"
            return f"""<p><a class="button" href="{shop}"
	rel="nofollow sponsored">Zum Angebot</a></p>"""
    return ""


def _figure(name: str, url: str, caption: str) -> str:
    return (
        f'<figure class="{name}"><a href="{url}"><img src="{url}" alt="" loading="lazy"'
        f' srcset="{url} 1024w" /></a>'
        f'<figcaption class="wp-caption-text">{escape(caption)}</figcaption></figure>'
    )


def _gallery(article: Article, block: Block) -> str:
    number = article.story.number
    figures = "\n".join(
        _figure("gallery-item", gallery_image(number, place), caption)
        for place, caption in enumerate(block.items, 1)
    )
    return f'<div id="gallery-1" class="gallery galleryid-{number}">\n{figures}\n</div>'


def _below(article: Article, related: Sequence[Entry]) -> Iterator[str]:
    story = article.story
    tags = " ".join(
        f'<a href="https://www.mobiflip.de/thema/{slug(word)}/" rel="tag">{escape(word)}</a>'
        for word in story.keywords
    )
    yield f'<div class="post-tags"><span class="post-tags-header">Themen:</span> {tags}</div>'
    yield f"""<div class="post-feedback">
<a href="mailto:fehler@mobiflip.example?subject={story.number}">Fehler melden</a></div>
<div class="breadcrumbbox" itemscope itemtype="http://data-vocabulary.org/Breadcrumb">Du bist hier:
<a href="https://www.mobiflip.de/" itemprop="url"><span itemprop="title">mobiFlip.de</span></a> /
<a href="https://www.mobiflip.de/kategorie/{slug(story.article_section)}/">
<span itemprop="title">{escape(story.article_section)}</span></a> /
<span itemprop="title">{escape(story.headline)}</span></div>"""
    items = "\n".join(
        f'<li><a href="{entry.url}" rel="bookmark"><img src="{entry.image}" alt="" />'
        f"<h2>{escape(entry.headline)}</h2></a></li>"
        for entry in related[:4]
    )
    yield f"""<div class="mvp-related-posts left relative">
<h4 class="post-header">Auch lesenswert</h4>
<ul>
{items}
</ul></div>
<div id="comments-button"><span>Kommentare</span></div>
<div id="disqus_thread" class="disqus-consent"><p>{DISQUS_NOTICE}</p>
<button>Kommentare laden</button></div>"""
