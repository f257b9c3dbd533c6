"""The head of a mobiFlip article: newer posts speak JSON-LD, older ones leave it to microdata."""

import json
from html import escape
from typing import Any

from crawler.replica.markup import quoted
from crawler.replica.stories import Article

HOME = "https://www.mobiflip.de/"
SITE = f"{HOME}#website"


def head(article: Article) -> list[str]:
    """Title, links, meta tags and, on newer pages, the JSON-LD of the SEO plug-in."""
    story, new = article.story, "yoast" in article.traits
    shared_title = article.shared_title
    if shared_title == story.headline:
        shared_title += " - mobiFlip.de"
    lines = [
        f"<title>{escape(story.headline)} - mobiFlip.de</title>",
        f'<meta name="description" content="{quoted(story.description)}" />',
        f'<link rel="canonical" href="{story.url}" />',
        f'<link rel="amphtml" href="{story.url}amp/" />',
        f'<link rel="shortlink" href="{HOME}?p={story.number}" />',
        _shared("og:locale", "de_DE"),
        _shared("og:type", "article"),
        _shared("og:title", shared_title),
        _shared("og:description", story.description),
        _shared("og:url", story.url),
        _shared("og:image", story.images[0][0]),
        _shared("article:section", story.article_section),
    ]
    if new:
        lines.append(_shared("article:published_time", story.date_published))
        if story.date_modified:
            lines.append(_shared("article:modified_time", story.date_modified))
        source = json.dumps(_graph(article), ensure_ascii=False, separators=(",", ":"))
        lines.append(
            f'<script type="application/ld+json" class="yoast-schema-graph">{source}</script>'
        )
    return lines


def _shared(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{quoted(content)}" />'


def _graph(article: Article) -> dict[str, Any]:
    story = article.story
    image = {"@id": f"{story.url}#primaryimage"}
    persons = [
        {"@type": "Person", "@id": f"{HOME}#/schema/person/{place}", "name": name, "url": url}
        for place, (name, url) in enumerate(story.authors, 1)
    ]
    authors = [{"name": person["name"], "@id": person["@id"]} for person in persons]
    node = {
        "@type": "NewsArticle" if article.index % 2 else "Article",
        "@id": f"{story.url}#article",
        "isPartOf": {"@id": story.url},
        "author": authors if len(authors) > 1 else authors[0],
        "headline": story.headline,
        "datePublished": story.date_published,
        "dateModified": story.date_modified,
        "mainEntityOfPage": {"@id": story.url},
        "wordCount": sum(len(text.split()) for text in story.paragraphs),
        "publisher": {"@id": f"{HOME}#organization"},
        "image": image,
        "thumbnailUrl": story.images[0][0],
        "keywords": list(story.keywords),
        "articleSection": [story.article_section],
        "inLanguage": "de",
    }
    page = {
        "@type": "WebPage", "@id": story.url, "url": story.url,
        "name": f"{story.headline} - mobiFlip.de", "isPartOf": {"@id": SITE},
        "primaryImageOfPage": image, "datePublished": story.date_published,
        "description": story.description, "breadcrumb": {"@id": f"{story.url}#breadcrumb"},
    }  # fmt: skip
    picture = {"@type": "ImageObject", **image, "url": story.images[0][0], "width": 1400}
    crumbs = {
        "@type": "BreadcrumbList",
        "@id": f"{story.url}#breadcrumb",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "Startseite", "item": HOME},
            {"@type": "ListItem", "position": 2, "name": story.article_section},
        ],
    }
    website = {"@type": "WebSite", "@id": SITE, "url": HOME, "name": "mobiFlip.de"}
    owner = {"@type": "Organization", "@id": f"{HOME}#organization", "name": "mobiFlip.de"}
    said = {key: value for key, value in node.items() if value is not None}
    graph = [said, page, picture, crumbs, website, owner, *persons]
    return {"@context": "https://schema.org", "@graph": graph}
