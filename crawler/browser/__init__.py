"""The browser: shows pages that scripts fill, and never touches the network itself.

    Render.of(response, view)  # a request for the page of a response, as a browser shows it

The middleware starts a browser when the first such request comes, and none before. All that a
page asks for is answered by the crawler's own downloader, or not at all: robots.txt, delays,
limits, REPLICA and the checks of addresses hold as for any other request.
"""

from crawler.browser.render import BrowserMissingError, Render, RenderError, View

__all__ = ["BrowserMissingError", "Render", "RenderError", "View"]
