"""What every Scrapy command of the project imports: loaded once, in the process they fork from."""

import sys
from importlib import import_module
from pkgutil import iter_modules

from scrapy.utils.misc import load_object

from crawler import commands, settings, spiders

for package in (commands, spiders):
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
for paths in (
    settings.EXTENSIONS_BASE,
    settings.DOWNLOADER_MIDDLEWARES_BASE,
    settings.SPIDER_MIDDLEWARES_BASE,
    settings.ITEM_PIPELINES,
    settings.ADDONS,
    settings.FEED_STORAGES.values(),
    settings.FEED_EXPORTERS.values(),
):
    for path in paths:
        load_object(path)

# It reads the environment, which each command has of its own.
del sys.modules["crawler.settings"]
# A reactor would be shared by all that fork from here.
assert "twisted.internet.reactor" not in sys.modules
