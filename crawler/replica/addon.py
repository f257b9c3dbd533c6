"""The setting REPLICA: every request goes to a loopback server, as `curl --connect-to` does."""

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings


class ReplicaAddon:
    """Scrapy add-on: puts `ReplicaHandler` in place when REPLICA is set."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings["REPLICA"]:
            raise NotConfigured
        handler = f"{__name__}.{ReplicaHandler.__name__}"
        for scheme in ("http", "https"):
            settings["DOWNLOAD_HANDLERS"].set(scheme, handler, priority="addon")


class ReplicaHandler(HTTP11DownloadHandler):
    """Sends a request to the replica with its real Host; everything above sees the real URL."""

    async def download_request(self, request: Request) -> Response:
        _, _, rest = request.url.partition("://")
        host, slash, path = rest.partition("/")
        address = f"http://{self.crawler.settings['REPLICA']}{slash}{path}"
        headers = request.headers.copy()
        headers["Host"] = host
        response = await super().download_request(request.replace(url=address, headers=headers))
        return response.replace(url=request.url)
