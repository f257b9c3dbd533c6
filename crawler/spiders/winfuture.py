"""WinFuture: paragraphs are bare text between line breaks, in ISO-8859-1 with soft hyphens."""

from crawler.pages import OPENING, ArticlePage, ArticleUrl, Candidates, TagPage, answer, css
from crawler.tag_spider import TagSpider

ARTICLE_URL = ArticleUrl(
    hosts=frozenset({"winfuture.de", "www.winfuture.de", "m.winfuture.de", "pdf.winfuture.de"}),
    forms={
        # Teaser boxes append a 1 to the number; numbers grow by some 8,000 a year, 156,000 in 2026.
        r"/news,(?P<number>\d{6}|[3-9]\d{4})1\.html": "https://winfuture.de/news,{number}.html",
        r"/news,(?P<number>\d+)\.html": "https://winfuture.de/news,{number}.html",
        r"/news/(?P<number>\d+)(?:/[^/]*)?": "https://winfuture.de/news,{number}.html",
    },
)


class WinfutureTagPage(TagPage):
    ARTICLE_URL = ARTICLE_URL
    NOT_ENTRIES = css("div#rightWrap, div.rightBx")  # they link news about anything


class WinfutureArticlePage(ArticlePage):
    ARTICLE_URL = ARTICLE_URL
    # A page without either may open with its lead in bold.
    LEAD = css("div.teaser_text, strong.article-intro", OPENING)
    BODY = css("div#news_content")
    NOT_BODY = frozenset(
        "metadata teaser_img_container video_container primis_widget button_box"
        " bookmarks_btm neueste_screenshots".split()
    )
    SUMMARY = css("div.summary_box")
    PICTURES = css(".hmedia, figure")
    CAPTION = css(".fn, figcaption")
    AUTHORS = css("a[rel~=author]", "span.author")
    DATE = css("a.date", "span.date")
    SECTION = css("#breadcrumb li.last")
    ADVERTISEMENT = css(".mark_anzeige, a.button_box")

    @answer
    def article_section(self) -> Candidates[str]:
        """The last entry of the breadcrumb, which JSON-LD joins to one string."""
        yield "meta", next(iter(self.metas.get("article:section", ())), None)
        yield "visible", self.line(self.SECTION)
        for source, value in self.said("articleSection"):
            yield source, (value or "").rpartition(", ")[2]


class WinfutureSpider(TagSpider):
    name = "winfuture"
    start_url = "https://winfuture.de/special/{topic}/"
    feed_url = "https://static.winfuture.de/feeds/special/{topic}/latest-rss2.0.xml"
    sitemap_url = "https://winfuture.de/sitemap.xml"
    script_hosts = frozenset({"static.winfuture.de"})
    tag_page = WinfutureTagPage
    article_page = WinfutureArticlePage
