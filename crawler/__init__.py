"""Spiders for technology news sites: an article feed one can trust."""

__version__ = "0.1.0"
