"""Policy: each setting that differs from Scrapy's default, with its reason."""

import os

BOT_NAME = "crawler"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# --- what an operator sets -------------------------------------------------------------------

# Feed files, quarantine and index lie here; relative to where the command runs.
OUTPUT_DIR = "output"
# Where the index lies: empty for a file in OUTPUT_DIR; for several machines that share OUTPUT_DIR
# the address of a PostgreSQL database, postgresql://user@host/database.
INDEX = os.environ.get("INDEX", "")
# Whom a site's owner can write to: an address or a URL, part of the user agent.
CONTACT = os.environ.get("CONTACT", "")
# A replica's host:port on the loopback interface; every request goes there instead.
REPLICA = ""
# A run on another machine that has not been heard of for so many seconds has lost its site.
LEASE_SECONDS = 90
# A run with more broken articles than this share of those listed has failed.
BROKEN_ARTICLES_LIMIT = 0.1
# A run in which more than this share of the articles asked for are walls has failed; error pages
# count with the broken ones.
WALLS_LIMIT = 0.1
# An article whose text another site printed before: "mark" keeps it, with `duplicate_of` set,
# "drop" puts it in quarantine.
DUPLICATES = "mark"
# What sites declare of the use of their pages: "obey" keeps only what they leave free, "record"
# notes it in the record's `rights` and keeps all the same.
RIGHTS = "obey"
# The most that is kept of any article: "full", "excerpt", or "metadata" alone.
CONTENT = "full"
# An excerpt's lead and text hold so many characters together, at most.
EXCERPT_CHARACTERS = 300
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
# Where a copy of each complete feed file goes, as s3://bucket/prefix; empty: nowhere.
FEED_COPY = ""
# A feed file with so many lines is complete, and the next begins: readers need not wait for the
# end of a long run.
FEED_FILE_LINES = 10_000
# Whether every response is kept as it was received, as WARC files in OUTPUT_DIR/archive.
ARCHIVE = False
# An archive file as long as this, in bytes, is complete, and the next begins; ISO 28500 advises it.
ARCHIVE_FILE_BYTES = 10**9
# For so many hours pages that a killed run has fetched are taken from its archive.
ARCHIVE_TRUST_HOURS = 24
# No listing has more pages than this; one that does is paging without end.
TAG_PAGES_LIMIT = 1000
# Pages that scripts fill: "auto" shows those in a browser, "always" every page, "never" none.
BROWSER = "auto"
# The browser's program, if it is no Chromium on the PATH nor Playwright's own.
BROWSER_PATH = ""
# Seconds that the browser has for a page, and for each step of scrolling.
BROWSER_TIMEOUT = 60
# A listing that grows as one scrolls is scrolled so many times at most.
BROWSER_SCROLLS = 100
# The longest delay between two requests that a site can make of ours, by the Crawl-delay of its
# robots.txt or by answering 429 and 503; seconds.
DOWNLOAD_DELAY_LIMIT = 60.0
# A run waits for a site so many seconds at most; asked for more (Retry-After), it ends early.
RETRY_AFTER_LIMIT = 600.0
# After a 429 or 503 that does not say how long, nobody asks for so many seconds; twice as many
# after the second in a row, and so on.
REFUSAL_PAUSE = 30.0
# So many answers of 403, 429 or 503 in a row end the run.
REFUSALS_LIMIT = 5
# So many article pages are read at least every so many hours, those of known articles if need be:
# a page that says something else than the feed holds tells of a fault of ours. 0: no such control.
CONTROLS = 3
CONTROLS_HOURS = 6
# After so many hours without a complete run there is an alarm; 0: never.
COMPLETE_HOURS = 24
# Where alarms are sent, as addresses of Apprise between blanks; they may hold passwords, so the
# environment is a better place than a command line.
ALARMS_TO = os.environ.get("ALARMS_TO", "")
# A robots.txt is believed for so many hours; RFC 9309 allows a day.
ROBOTS_HOURS = 24

# What the log's lines are: "text", or "json", one object a line.
LOG_LINES = "text"

# --- guests in other people's houses ---------------------------------------------------------

ROBOTSTXT_OBEY = True
ROBOTSTXT_PARSER = "crawler.politeness.TokenRobotParser"
# Each site has a crawler of its own. The limit per domain alone does not hold where there is no
# delay: Scrapy 2.19 starts all that is queued before the first counts as being transferred.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.5  # ± 50 %, Scrapy's default, stated because tests read it
# TakeTurns sees to the delay; Scrapy keeps one for each host, and a site has several.
DOWNLOAD_SLOTS = {"site": {"concurrency": 1, "delay": 0, "jitter": 0}}
COOKIES_ENABLED = False  # no session, no tracking
DOWNLOAD_VERIFY_CERTIFICATES = True  # an article from a forged server is no article
DOWNLOAD_TIMEOUT = 60  # seconds for the whole of an answer, however it trickles in
DOWNLOAD_MAXSIZE = 16 * 2**20  # bytes, also once unpacked; a page of news has a hundredth of that
DOWNLOAD_WARNSIZE = 0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Language": "de",
    "Accept-Encoding": "gzip",  # the one whose end can be told from a torn one
}
REDIRECT_MAX_TIMES = 5

# --- strangers' houses ------------------------------------------------------------------------

# Sites lead where they like. Nobody is asked but the site, at an address of the public internet;
# what Scrapy would read besides (files, FTP, S3, data in an address) is not even there.
DOWNLOAD_HANDLERS_BASE = {
    "http": "crawler.reach.connecting.BoundedHandler",
    "https": "crawler.reach.connecting.BoundedHandler",
}
TWISTED_DNS_RESOLVER = "crawler.reach.connecting.PublicResolver"

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
    "crawler.reach.StayOnSite": 50,  # before anyone asks for the robots.txt of a stranger
    "crawler.politeness.ObeyRobots": 100,
    "crawler.browser.middleware.Browser": 110,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "crawler.middlewares.Unpack": 590,
    "crawler.middlewares.Redirect": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "crawler.archive.middleware.Archive": 840,  # as received; what comes next only counts
    "crawler.browser.middleware.NetworkStats": 850,
    "crawler.politeness.TakeTurns": 900,  # all else that asks the network comes before
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
    "crawler.permit.Permit": 150,
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
