"""The index: what the feed files hold, as a SQLite database that can be thrown away.

It points into the feed files and copies nothing that can be read there: ids, URLs and hashes to
find a record by, and the file and byte where it stands.
"""

from crawler.index.index import Index
from crawler.index.looks import Look
from crawler.index.records import Known
from crawler.index.walks import Mark, Validators

__all__ = ["Index", "Known", "Look", "Mark", "Validators"]
