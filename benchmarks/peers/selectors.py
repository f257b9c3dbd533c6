"""What a spider written by hand for one site would look for; shared by those that have no more."""

from dataclasses import dataclass

from parsel import Selector


@dataclass(frozen=True)
class Selectors:
    """Where a site's tag page begins, and CSS for what a bare spider reads."""

    start: str
    links: str
    next_page: str
    title: str
    date: str
    paragraphs: str

    def article(self, page: Selector) -> dict[str, str | None]:
        """Title, date and text; the text's paragraphs divided by one blank line."""
        found = page.css(self.paragraphs)
        if self.paragraphs.endswith("::text"):
            texts = found.getall()
        else:
            texts = [part.xpath("string()").get("") for part in found]
        return {
            "title": page.css(self.title).get(),
            "date": page.css(self.date).get(),
            "text": "\n\n".join(text.strip() for text in texts if not text.isspace()),
        }


_DATE = "meta[property='article:published_time']::attr(content)"

SELECTORS = {
    "winfuture": Selectors(
        start="https://winfuture.de/special/huawei/",
        links=".special_teaser a[href$='#comments']::attr(href)",  # one of the three of a teaser
        next_page="a.next::attr(href)",
        title="h1::text",
        date=_DATE,
        paragraphs="#news_content::text, #news_content > h2::text",
    ),
    "mobiflip": Selectors(
        start="https://www.mobiflip.de/thema/huawei/",
        links="li.infinite-post > a::attr(href)",
        next_page="link[rel=next]::attr(href)",
        title="h1.entry-title::text",
        date=_DATE,
        paragraphs="#content-main p, #content-main h2, #content-main h3, #content-main li",
    ),
}
