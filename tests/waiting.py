"""Scrapy extension for tests: what a run holds while it lasts, and at its end.

Writes JSON to the file of the setting HELD: `most_waiting`, requests in the scheduler at once;
`listed`, articles; `left`, what is still there at the end of what was only kept meanwhile.
"""

import json
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.pipelines import Deduplicate


class Waiting:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most_waiting = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.scheduled, signals.request_scheduled)
        crawler.signals.connect(extension.closed, signals.spider_closed)
        return extension

    def scheduled(self) -> None:
        """Sent before the scheduler has the request, so that one is counted in."""
        count = self.crawler.stats.get_value
        waiting = count("scheduler/enqueued", 0) - count("scheduler/dequeued", 0)
        self.most_waiting = max(self.most_waiting, waiting + 1)

    def closed(self) -> None:
        spider, engine = self.crawler.spider, self.crawler.engine
        (deduplicate,) = (
            it for it in engine.scraper.itemproc.middlewares if isinstance(it, Deduplicate)
        )
        held = {
            "most_waiting": self.most_waiting,
            "listed": len(spider.walk.listed),
            "left": [*spider.validators, *spider.looked_at, *deduplicate.on_their_way],
        }
        Path(self.crawler.settings["HELD"]).write_text(json.dumps(held))
