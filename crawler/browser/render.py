"""What is asked of the browser. Imports nothing of it, so that a plain run need not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from scrapy.http import Request, Response


class BrowserMissingError(Exception):
    """A page needs the browser, and it may not or cannot be started. Raised by `Browser`.

    remedy: why, and what to do; a sentence that the statistic `browser/missing` holds as well.
    """

    def __init__(self, remedy: str) -> None:
        super().__init__("scripts fill it, and there is no browser")
        self.remedy = remedy


class RenderError(Exception):
    """The browser could not show a page; the message says why. Raised by `Browser`."""


@dataclass(frozen=True)
class View:
    """What one wants to see of a page.

    hosts: those that may be asked for its scripts and data. is_filled: whether the page as shown
    has what it was asked for. goes_on: whether to scroll for more, asked when the page is filled
    and each time that it has grown; None for a page that is not to be scrolled.
    """

    hosts: frozenset[str]
    is_filled: Callable[[Response], bool]
    goes_on: Callable[[Response], bool] | None = None


class Render(Request):
    """Asks for the page of a response, the `shell`, as a browser shows it.

    The answer bears the flag `rendered`, and `cut` if the time limit ended its scrolling. It has
    no validators: those of a shell say nothing of what fills it.
    """

    attributes: tuple[str, ...] = (*Request.attributes, "shell", "view")

    def __init__(self, url: str, *args: Any, shell: Response, view: View, **kwargs: Any) -> None:
        super().__init__(url, *args, **kwargs)
        self.shell = shell
        self.view = view

    @classmethod
    def of(cls, response: Response, view: View, **changes: Any) -> Self:
        """The request of a response once more, at once, for the browser."""
        asked = response.request
        assert asked is not None
        render: Self = asked.replace(
            cls=cls,
            url=response.url,
            shell=response,
            view=view,
            priority=asked.priority + 1,
            dont_filter=True,
            **changes,
        )
        return render
