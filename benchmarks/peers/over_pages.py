"""Extractors that do not crawl, over saved pages.

    python -m benchmarks.peers.over_pages EXTRACTOR SITE FOLDER OUTPUT

FOLDER holds the pages and `pages.json`, a list of {"url", "file", "content_type"}. Writes a JSON
line {"url", "paragraphs"} for each page.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

Extractor = Callable[[bytes, str, str], list[str]]


def ours(site: str) -> Extractor:
    """This project's page class and pipelines but the last, without the crawl."""
    from scrapy.settings import Settings
    from scrapy.spiderloader import SpiderLoader

    from crawler.normal_form import normalised
    from crawler.problems import problems

    stamps = dict.fromkeys(("date_first_seen", "date_downloaded"), "2026-01-15T20:10:00Z")
    loader = SpiderLoader(Settings({"SPIDER_MODULES": ["crawler.spiders"]}))
    page_class = loader.load(site).article_page  # type: ignore[attr-defined]

    def extract(content: bytes, url: str, content_type: str) -> list[str]:
        told = page_class(content, url, content_type).to_article(site, "huawei")
        article = replace(normalised(told), run_id=site, **stamps)
        if found := problems(article):
            raise ValueError(f"{url}: {found}")
        return article.article_body.split("\n\n")

    return extract


def trafilatura(site: str) -> Extractor:
    """Text, title, date and authors of any page; it knows no site."""
    from trafilatura import bare_extraction

    def extract(content: bytes, url: str, content_type: str) -> list[str]:
        document = bare_extraction(content, url=url, with_metadata=True, include_comments=False)
        text = getattr(document, "text", None) or ""
        return [line.removeprefix("- ") for line in text.splitlines()]

    return extract


def fundus(site: str) -> Extractor:
    """Fundus's own publisher of WinFuture; for mobiFlip, which it has not, one of ours."""
    from fundus.parser import ParserProxy

    if site == "winfuture":
        from fundus.publishers.de.winfuture import WinfutureParser as Parser
    else:
        from benchmarks.peers.fundus_mobiflip import MobiflipParser as Parser
    proxy: ParserProxy = Parser()

    def extract(content: bytes, url: str, content_type: str) -> list[str]:
        charset = "utf-8" if "utf-8" in content_type.lower() else "iso-8859-1"
        html = content.decode(charset)  # as requests does where the header names no charset
        body = proxy().parse(html, "suppress")["body"]
        sections = body.sections if body else []
        return [text for part in sections for text in (*part.headline, *part.paragraphs)]

    return extract


EXTRACTORS = {"ours": ours, "trafilatura": trafilatura, "fundus": fundus}


def main(name: str, site: str, folder: str, output: str) -> None:
    extract = EXTRACTORS[name](site)
    pages = json.loads((Path(folder) / "pages.json").read_text())
    with Path(output).open("w") as lines:
        for page in pages:
            content = (Path(folder) / page["file"]).read_bytes()
            paragraphs = extract(content, page["url"], page["content_type"])
            lines.write(json.dumps({"url": page["url"], "paragraphs": paragraphs}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
