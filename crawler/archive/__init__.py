"""The archive: every response of a run as it was received, in WARC files (ISO 28500:2017, 1.1).

Written with ARCHIVE=1, in the manner of feed files: `output/archive/<site>/.<start>.warc.gz.part`
becomes `<start>.warc.gz`. What it holds and how to read it is docs/archive.md. Only `writing` and
`reading` need warcio; what every run does, recovering what a killed one left, does not.
"""

from crawler.archive.files import archive_files, recover

__all__ = ["archive_files", "recover"]
