"""What themes and plug-ins put between the paragraphs of an article, known by its names."""

import re
from functools import lru_cache

from lxml import etree

from crawler.pages.paywall import is_paywall

# Words in class or id, as themes and plug-ins use them.
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:related(?:posts)?|yarpp|wp-block-(?:query|rss|file)"
    r"|breadcrumb(?:s|box)?|shar(?:e|ing|edaddy)|shariff|a2a|social|comments?|disqus"
    r"|newsletter|sidebar|screen-reader-text|consent|cookies?|polls?|umfrage"
    r"|ads?|adr|adsbygoogle|advert(?:s|isement|orial)?|anzeige|werbung|banner|sponsor(?:ed)?"
    r"|outbrain|taboola|aawp|(?:price|deals?|amazon|product|produkt|angebots?|download)[_-]?box"
    r"|(?:about-)?author[_-]?(?:box|bio|info)|about-author|saboxplugin|post-?ratings?|star-ratings?"
    r"|post-(?:tags|nav|meta|header|footer|feedback)|pagination|page-links|posts?-nav-link|nav-links"
    r"|(?:ez|lwp)?toc|table-of-contents|gallery|caption(?:-text)?|video|embed(?:ded)?|twitter-tweet"
    r"|instagram-media|tiktok-embed|fb-(?:post|video)|buttons?)(?:[\s_-]|$)",
    re.IGNORECASE,
)
_LONGEST = 500  # characters; no theme has longer names, and what is kept of them is bounded
_BUTTON = re.compile(r"(?:^|[\s_-])(?:button|btn)(?:[\s_-]|$)", re.IGNORECASE)


def is_furniture(element: etree._Element, named: str) -> bool:
    """Whether an element inside the body is no part of its text.

    named: its class and id, divided by a space.
    """
    return (
        _is_named_so(str(element.tag), named[:_LONGEST])
        or _is_hidden(element)
        or (named != " " and is_paywall(element))
    )


@lru_cache(4096)  # a site's pages share their names
def _is_named_so(tag: str, named: str) -> bool:
    if tag in {"header", "footer"}:
        return True
    if tag == "a":  # a word in the text, whatever marks it, but for buttons
        return _BUTTON.search(named) is not None
    return _FURNITURE.search(named) is not None


def _is_hidden(element: etree._Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()
