"""The normal form of an article: each field as the feed has it."""

from dataclasses import replace

from crawler import normalise
from crawler.items import Article, Author, Image


def normalised(article: Article) -> Article:
    """The article with each field in its one form; doing it twice changes nothing."""
    headline = normalise.text(article.headline) or ""
    description = normalise.text(article.description)
    article_body = normalise.body(article.article_body.split("\n\n"))
    word_count, content_hash = article.word_count, article.content_hash
    if article.content == "full":  # else these are all that is left of the whole text
        word_count = len(article_body.split())
        content_hash = normalise.content_hash(headline, description, article_body)
    return replace(
        article,
        url=normalise.url(article.url) or article.url,
        headline=headline,
        description=description,
        article_body=article_body,
        summary_points=normalise.texts(article.summary_points),
        authors=_authors(article),
        date_published=normalise.date(article.date_published) or article.date_published,
        date_modified=normalise.date(article.date_modified),
        article_section=normalise.text(article.article_section),
        keywords=normalise.keywords(article.keywords),
        images=_images(article),
        in_language=_language(article.in_language),
        word_count=word_count,
        content_hash=content_hash,
    )


def _language(tag: str) -> str:
    """The language of a tag such as `de-DE`; German where it names none."""
    language = (normalise.text(tag) or "")[:2].lower()
    return language if language.isascii() and len(language) == 2 and language.isalpha() else "de"


def _authors(article: Article) -> list[Author]:
    found: dict[str, Author] = {}
    for author in article.authors:
        if name := normalise.name(author.name):
            link = normalise.url(author.url, article.url) if author.url else None
            found.setdefault(name.casefold(), Author(name=name, url=link))
    return [*found.values()]


def _images(article: Article) -> list[Image]:
    found: dict[str, Image] = {}
    for image in article.images:
        if address := normalise.image_url(image.url, article.url):
            caption = normalise.text(image.caption)
            credit = normalise.text(image.credit) or normalise.credit(caption)
            found.setdefault(address, Image(url=address, caption=caption, credit=credit))
    return [*found.values()]
