"""mobiFlip: a WordPress blog; post numbers stand in short links, never in an article's URL."""

from crawler.pages import ArticlePage, ArticleUrl, Candidates, TagPage, answer, css, xpath
from crawler.tag_spider import TagSpider

ARTICLE_URL = ArticleUrl(
    hosts=frozenset({"mobiflip.de", "www.mobiflip.de"}),
    forms={
        r"/\?(?:.*&)?p=(?P<number>\d+)(?:&.*)?": None,
        r"/(?:thema|author|category|kategorie|tag|page|feed|amp|wp-[a-z]+|comments|impressum"
        r"|datenschutz|kontakt|werbung|ueber-uns|newsletter|shop)(?:/.*)?|/shortnews/?": None,
        r"/(?P<path>(?:shortnews/)?[^/.?]+)(?:/amp)?/?": "https://www.mobiflip.de/{path}/",
    },
)


class MobiflipTagPage(TagPage):
    ARTICLE_URL = ARTICLE_URL
    ENTRIES = css(
        "li.infinite-post, .feat-top2-left, .feat-top2-right", "article.post, .hentry", "h2, h3"
    )


class MobiflipArticlePage(ArticlePage):
    ARTICLE_URL = ARTICLE_URL
    HEADLINE = css("h1.entry-title", "h1")
    LEAD = xpath("//span[contains(@class, 'post-excerpt')]")
    BODY = css("#content-main", "[itemprop=articleBody]", ".entry-content", "article")
    NOT_BODY = frozenset({"embed-container", "gallery"})
    AUTHORS = css(".author-name a", "a[rel~=author]")
    DATE = css("time.post-date", "time")
    SECTION = css(
        ".post-head-cat",
        xpath("(//*[contains(@class, 'breadcrumbbox')]//a)[2]"),
        "a[rel~=category]",
    )
    KEYWORDS = css(".post-tags a", "a[rel~=tag]:not([rel~=category])")
    PICTURES = css("figure, .wp-caption, img[class*=wp-image-]")
    POST = css("body[class*=postid-]")

    @answer
    def number(self) -> Candidates[str]:
        """WordPress also prints it as a class of the body."""
        yield from ArticlePage.number.candidates(self)
        for body in self.all(self.POST):
            yield "visible", body.get("class", "").partition("postid-")[2].split()[0]


class MobiflipSpider(TagSpider):
    name = "mobiflip"
    start_url = "https://www.mobiflip.de/thema/{topic}/"
    feed_url = "https://www.mobiflip.de/thema/{topic}/feed/"
    sitemap_url = "https://www.mobiflip.de/sitemap.xml"
    tag_page = MobiflipTagPage
    article_page = MobiflipArticlePage
