"""A field of a page, and the source that answered it."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")
Candidates = Iterator[tuple[str, T | None]]


class answer(Generic[T]):  # noqa: N801 - a decorator, as `property` is
    """A field of a page: the first of its candidates that is not empty.

    The method yields (source, value) pairs, best source first; the page remembers in `sources`
    which one answered: `json-ld`, `microdata`, `meta`, `visible` or `url`.
    """

    def __init__(self, candidates: Callable[[Any], Candidates[T]]) -> None:
        self.candidates = candidates
        self.__doc__ = candidates.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, page: None, owner: type) -> Self: ...
    @overload
    def __get__(self, page: Any, owner: type) -> T | None: ...
    def __get__(self, page: Any, owner: type) -> Self | T | None:
        if page is None:
            return self
        for source, value in self.candidates(page):
            if value:
                page.sources[self.name] = source
                page.__dict__[self.name] = value  # from now on it hides this descriptor
                return value
        page.__dict__[self.name] = None
        return None
