"""A bare Scrapy spider, tuned for speed: title, date and text by parsel, exported by FEEDS.

    scrapy runspider bare.py -a site=winfuture -a output=FILE -s REPLICA=127.0.0.1:PORT

With `-a pages=1` it fetches the first tag page and nothing else: what Scrapy's start costs.
"""

from typing import Any

import scrapy
from scrapy.http import TextResponse
from scrapy.settings import BaseSettings

from benchmarks.peers.selectors import SELECTORS


class BareSpider(scrapy.Spider):
    name = "bare"
    custom_settings = {
        "ADDONS": {"crawler.replica.addon.ReplicaAddon": 100},  # the same way to the replica
        "CONCURRENT_REQUESTS": 32,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "WARNING",
        "ROBOTSTXT_OBEY": True,  # as ours does
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }

    def __init__(self, site: str, output: str, pages: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output = output
        self.selectors = SELECTORS[site]
        self.start_urls = [self.selectors.start]
        self.only_first_page = pages == "1"

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        settings.set("FEEDS", {"file:%(output)s": {"format": "jsonlines"}}, priority="spider")

    def parse(self, response: TextResponse) -> list[scrapy.Request]:
        links = response.css(self.selectors.links).getall()
        if self.only_first_page:
            return []
        requests = [response.follow(link, self.parse_article) for link in links]
        if following := response.css(self.selectors.next_page).get():
            requests.append(response.follow(following, self.parse))
        return requests

    def parse_article(self, response: TextResponse) -> list[dict[str, Any]]:
        return [{"url": response.url, **self.selectors.article(response.selector)}]
