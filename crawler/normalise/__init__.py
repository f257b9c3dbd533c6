"""Pure functions that give each value its one form. Applying one twice changes nothing."""

from crawler.normalise.addresses import ArticleUrl, article_id, image_url, url
from crawler.normalise.dates import BERLIN, date, date_oddities, dates_agree, utc
from crawler.normalise.notices import notice, notices
from crawler.normalise.privacy import discreet
from crawler.normalise.words import body, content_hash, credit, flaws, keywords, name, text, texts

__all__ = [
    "BERLIN",
    "ArticleUrl",
    "article_id",
    "body",
    "content_hash",
    "credit",
    "date",
    "date_oddities",
    "dates_agree",
    "discreet",
    "flaws",
    "image_url",
    "keywords",
    "name",
    "notice",
    "notices",
    "text",
    "texts",
    "url",
    "utc",
]
