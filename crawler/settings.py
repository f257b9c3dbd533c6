"""Policy: each setting that differs from Scrapy's default, with its reason."""

import os

BOT_NAME = "crawler"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# --- what an operator sets -------------------------------------------------------------------

# Feed files, quarantine and index lie here; relative to where the command runs.
OUTPUT_DIR = "output"
# Whom a site's owner can write to: an address or a URL, part of the user agent.
CONTACT = os.environ.get("CONTACT", "")
# A replica's host:port on the loopback interface; every request goes there instead.
REPLICA = ""
# A run with more broken articles than this share of those listed has failed.
BROKEN_ARTICLES_LIMIT = 0.1
# A run in which more than this share of the articles asked for are walls has failed; error pages
# count with the broken ones.
WALLS_LIMIT = 0.1
# An article whose text another site printed before: "mark" keeps it, with `duplicate_of` set,
# "drop" puts it in quarantine.
DUPLICATES = "mark"
# How long after it was first seen a text is looked for among new ones (near-duplicates; the very
# same text is found for ever). Bounds the index: some 2 KB for each article of these days.
DUPLICATES_WINDOW_DAYS = 90
# At which ages, in hours, an article is looked at again: most edits come early.
LOOKS_HOURS = [1, 6, 24, 72, 168, 720]
# An article that is gone is withdrawn when it still is so many hours later.
WITHDRAWN_AFTER_HOURS = 24
# The topic's RSS is asked in place of the tag page for so many hours after that was last read.
FEED_TRUST_HOURS = 24
# An article older than this when it is found is history, not news.
BACKFILL_DAYS = 7
# A moment (RFC 3339) in place of the clock, for tests and replays; empty: the clock.
NOW = ""
# A feed file with so many lines is complete, and the next begins: readers need not wait for the
# end of a long run.
FEED_FILE_LINES = 10_000
# No listing has more pages than this; one that does is paging without end.
TAG_PAGES_LIMIT = 1000

# --- guests in other people's houses ---------------------------------------------------------

ROBOTSTXT_OBEY = True
# Each site has a crawler of its own. The limit per domain alone does not hold where there is no
# delay: Scrapy 2.19 starts all that is queued before the first counts as being transferred.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.5  # ± 50 %, Scrapy's default, stated because tests read it
COOKIES_ENABLED = False  # no session, no tracking
DOWNLOAD_VERIFY_CERTIFICATES = True  # an article from a forged server is no article
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 16 * 2**20  # bytes; a page of news has a hundredth of that
DOWNLOAD_WARNSIZE = 0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Language": "de",
    "Accept-Encoding": "gzip",  # the one whose end can be told from a torn one
}
REDIRECT_MAX_TIMES = 5

# --- Scrapy's own components: those we use ----------------------------------------------------

# In place of Scrapy's lists, since what is only switched off is imported all the same: a server
# that nobody calls, public suffixes for cookies we refuse; half a second and 20 MB a run.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "crawler.middlewares.RefuseTruncated": 595,  # before it is unpacked
    "crawler.middlewares.Redirect": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
# Most pass a response's output through one more asynchronous generator. The walk bounds its own
# depth, its URLs are canonical, and it is nobody's business which page we came from.
SPIDER_MIDDLEWARES_BASE = {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50}
ADDONS = {"crawler.replica.addon.ReplicaAddon": 100}

SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # articles in the order listed

# One task at a time per response: a page yields one article, and a task each costs a quarter
# of the processor time.
CONCURRENT_ITEMS = 1

# --- pipelines and feed ----------------------------------------------------------------------

ITEM_PIPELINES = {
    "crawler.pipelines.Normalise": 100,
    "crawler.pipelines.Validate": 200,
    "crawler.pipelines.Deduplicate": 300,
}
FEED_STORAGES = {"feed": "crawler.feed.export.FeedStorage"}
FEED_EXPORTERS = {"feed": "crawler.feed.export.LineExporter"}
FEED_URI_PARAMS = "crawler.feed.export.uri_params"
FEEDS = {
    "feed:%(output_dir)s/%(name)s/%(start)s.jsonl": {
        "format": "feed",
        "item_classes": ["crawler.items.Article"],
        "store_empty": False,
    },
    "feed:%(output_dir)s/quarantine/%(name)s/%(start)s.jsonl": {
        "format": "feed",
        "item_classes": ["crawler.items.Quarantined"],
        "store_empty": False,
    },
}
