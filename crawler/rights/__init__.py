"""What a site declares about the use of its pages, and what the feed may keep of them.

Pure: reads declarations, decides nothing but by `Policy`. Which sources are read, and what each
means here, is docs/rights.md.
"""

from crawler.rights.excerpts import Keep, cut, kept
from crawler.rights.found import Page, found, kinds
from crawler.rights.policy import Policy, may_archive
from crawler.rights.robots import words
from crawler.rights.tdmrep import PATH, Rule, TdmFile, tdm_file
from crawler.rights.usage import usage_lines

__all__ = [
    "PATH",
    "Keep",
    "Page",
    "Policy",
    "Rule",
    "TdmFile",
    "cut",
    "found",
    "kept",
    "kinds",
    "may_archive",
    "tdm_file",
    "usage_lines",
    "words",
]
