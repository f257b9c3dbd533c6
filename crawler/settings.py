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
COOKIES_ENABLED = False  # no session, no tracking; also saves the public suffix list
REFERRER_POLICY = "no-referrer"  # nobody's business which page we came from
METAREFRESH_ENABLED = False  # news pages reload themselves, and looking for it reads every page
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
DOWNLOADER_MIDDLEWARES = {"crawler.middlewares.RefuseTruncated": 595}  # before it is unpacked

# --- nothing listens, nothing guesses --------------------------------------------------------

# None instead of their …_ENABLED settings: then not even imported, which takes half a second.
EXTENSIONS = {
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
}
ADDONS = {"crawler.replica.addon.ReplicaAddon": 100}

SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # articles in the order listed

# One task at a time per response: a page yields one article, and a task each costs a quarter
# of the processor time.
CONCURRENT_ITEMS = 1

# Every one of these passes each response's output through one more asynchronous generator.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # the walk bounds itself
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,  # for a habit not ours
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,  # marks what nobody reads
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # URLs are canonical
}

# --- pipelines and feed ----------------------------------------------------------------------

ITEM_PIPELINES = {
    "crawler.pipelines.Normalise": 100,
    "crawler.pipelines.Validate": 200,
    "crawler.pipelines.Deduplicate": 300,
}
FEED_STORAGES = {"feed": "crawler.feed.FeedStorage"}
FEED_EXPORTERS = {"feed": "crawler.feed.LineExporter"}
FEED_URI_PARAMS = "crawler.feed.uri_params"
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
