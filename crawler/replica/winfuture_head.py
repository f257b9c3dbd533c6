"""The head of a WinFuture article page: meta tags and JSON-LD, at times broken as on the site."""

import json
from functools import partial
from html import escape
from typing import Any

from crawler.replica.markup import hyphenated, quoted, spoken
from crawler.replica.stories import Article

MOBILE = "only screen and (max-width: 640px)"
FEED = "https://static.winfuture.de/feeds/special/huawei/latest-rss2.0.xml"


def head(article: Article) -> list[str]:
    story = article.story
    named = partial(_meta, "name")
    shared = partial(_meta, "property")
    mobile = f"https://m.winfuture.de/news/{story.number}"
    lines = [
        f"\t\t<title>{escape(story.headline)}</title>",
        named("description", _cut(story.description)),
        named("keywords", ", ".join(article.keywords)),
        *_data_scripts(article),
        shared("og:title", article.shared_title),
        shared("og:description", story.description),
        shared("og:url", story.url),
        shared("og:image", story.images[0][0]),
        shared("og:type", "article"),
        shared("article:published_time", story.date_published),
    ]
    if story.date_modified:
        lines.append(shared("article:modified_time", story.date_modified))
    return [
        *lines,
        shared("article:section", story.article_section),
        shared("article:tag", ", ".join(article.keywords)),
        named("twitter:card", "summary_large_image"),
        named("twitter:title", article.shared_title),
        named("DC.date.issued", story.date_published),
        f'\t\t<link rel="alternate" media="{MOBILE}" href="{mobile}" />',
        f'\t\t<link rel="alternate" type="application/rss+xml" href="{FEED}" />',
        f'\t\t<link rel="canonical" href="{story.url}" />',
    ]


def _meta(kind: str, name: str, content: str) -> str:
    return f'\t\t<meta {kind}="{name}" content="{quoted(content)}" />'


def _cut(text: str) -> str:
    return text if len(text) < 140 else text[:140].rpartition(" ")[0] + " ..."


def _data_scripts(article: Article) -> list[str]:
    story, traits = article.story, article.traits
    crumbs = [
        {
            "@type": "ListItem",
            "position": place,
            "name": name,
            "item": f"https://winfuture.de{path}",
        }
        for place, (name, path) in enumerate(_crumbs(story.article_section), 1)
    ]
    breadcrumb = {"@context": "http://schema.org", "@type": "BreadcrumbList"}
    nodes: list[dict[str, Any]] = [
        _news_article(article),
        {**breadcrumb, "itemListElement": crumbs},
        {"@context": "http://schema.org", **_publisher()},
    ]
    if "ld_missing" in traits:
        return []
    if "ld_array" in traits:
        return [_data_script(json.dumps(nodes, separators=(",", ":")))]
    sources = [json.dumps(node, separators=(",", ":")) for node in nodes]
    if "ld_invalid" in traits:  # raw line breaks inside a string
        sources[0] = sources[0].replace(". ", ".\n", 3)
    return [_data_script(source) for source in sources]


def _data_script(source: str) -> str:
    return f'\t\t<script type="application/ld+json">\n\t\t\t{source}\n\t\t</script>'


def _news_article(article: Article) -> dict[str, Any]:
    story = article.story
    authors = [
        {"@type": "Person", "name": name, **({"url": url} if url else {})}
        for name, url in story.authors
    ]
    sizes = [("1920", 1080), ("660", 371), ("128", 72)]
    lead = story.images[0][0]
    pictures = [
        {"@type": "ImageObject", "url": lead.replace("/1920/", f"/{width}/"), "width": int(width),
         "height": height}
        for width, height in sizes
    ]  # fmt: skip
    pictures += [{"@type": "ImageObject", "url": url} for url, _, _ in story.images[1:]]
    node = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "articleBody": " ".join([story.description, *spoken(article.blocks)]),
        "articleSection": f"Mobiles, {story.article_section}, Huawei",
        "headline": story.headline,
        "description": hyphenated(story.description).replace("&shy;", "\u00ad"),
        "thumbnailUrl": lead,
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.url},
        "datePublished": story.date_published,
        "dateModified": story.date_modified,
        "isFamilyFriendly": "True",
        "author": authors if len(authors) > 1 else authors[0],
        "publisher": _publisher(),
        "image": pictures,
    }
    return {key: value for key, value in node.items() if value is not None}


def _publisher() -> dict[str, Any]:
    logo = {"@type": "ImageObject", "url": "https://i.wfcdn.de/5/winfuture_551x60.png"}
    same = ["https://www.facebook.com/WinFuture", "https://mastodon.social/@WinFuture"]
    site = {"name": "WinFuture.de", "url": "https://winfuture.de/", "sameAs": same}
    return {"@type": "Organization", **site, "logo": {**logo, "width": 551, "height": 60}}


def _crumbs(section: str) -> list[tuple[str, str]]:
    return [
        ("Mobiles", "/news/thema/800/1.html"),
        (section, "/news/thema/203/1.html"),
        ("Huawei", "/special/huawei/"),
    ]


def breadcrumb(section: str) -> str:
    links = "".join(
        f'<li><a href="{path}"><i>{escape(name)}</i></a></li>' for name, path in _crumbs(section)
    )
    return f'<ul id="breadcrumb">{links}</ul>'
