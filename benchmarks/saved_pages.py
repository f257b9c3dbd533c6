"""Saves the articles of a replica as files, for extractors that do not crawl.

    python -m benchmarks.saved_pages SITE ARTICLES 127.0.0.1:PORT FOLDER

A program of its own, so that what measures others stays small (see `measure.cost`).
"""

import json
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from crawler.replica import stories


def save(site: str, articles: int, replica: str, folder: Path) -> None:
    """Writes each page and `pages.json`, a list of {"url", "file", "content_type"}."""
    connection = HTTPConnection(replica)
    pages = []
    for place, story in enumerate(stories(site, articles)):
        url = urlsplit(story.url)
        for _ in range(2):  # the first request for some articles is answered with an error
            connection.request("GET", url.path, headers={"Host": url.netloc})
            response = connection.getresponse()
            content = response.read()
            if response.status == 200:
                break
        else:
            raise SystemExit(f"{story.url}: {response.status}")
        name = f"{place}.html"
        (folder / name).write_bytes(content)
        content_type = response.headers["Content-Type"]
        pages.append({"url": story.url, "file": name, "content_type": content_type})
    connection.close()
    (folder / "pages.json").write_text(json.dumps(pages))


if __name__ == "__main__":
    save(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
