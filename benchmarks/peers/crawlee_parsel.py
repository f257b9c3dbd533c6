"""Crawlee's ParselCrawler with the bare spider's selectors.

    python -m benchmarks.peers.crawlee_parsel SITE OUTPUT 127.0.0.1:PORT

It reaches the replica as an HTTP proxy, so its URLs are http ones.
"""

import asyncio
import logging
import sys
from urllib.parse import urldefrag, urljoin

from crawlee import ConcurrencySettings
from crawlee.crawlers import ParselCrawler, ParselCrawlingContext
from crawlee.http_clients import ImpitHttpClient
from crawlee.storage_clients import MemoryStorageClient

from benchmarks.peers.selectors import SELECTORS


def plain(url: str) -> str:
    """The http form of an address, without its fragment."""
    return urldefrag(url).url.replace("https://", "http://", 1)


async def crawl(site: str, output: str, replica: str) -> None:
    selectors = SELECTORS[site]
    crawler = ParselCrawler(
        storage_client=MemoryStorageClient(),
        # Not by a ProxyConfiguration: the request for robots.txt would not go there.
        http_client=ImpitHttpClient(proxy=f"http://{replica}"),
        concurrency_settings=ConcurrencySettings(
            min_concurrency=32, desired_concurrency=32, max_concurrency=32
        ),
        use_session_pool=False,
        respect_robots_txt_file=True,
        configure_logging=False,
    )

    @crawler.router.default_handler
    async def parse(context: ParselCrawlingContext) -> None:
        page = context.selector
        links = page.css(selectors.links).getall()
        links += page.css(selectors.next_page).getall()[:1]
        if links:
            await context.add_requests(
                [plain(urljoin(context.request.url, link)) for link in links]
            )
        else:
            url = context.request.url.replace("http://", "https://", 1)
            await context.push_data({"url": url, **selectors.article(page)})

    await crawler.run([plain(selectors.start)])
    await crawler.export_data(output)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(crawl(*sys.argv[1:]))
