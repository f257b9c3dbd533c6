"""The audit: what a site's sources name, beside what the feed has.

`comparison` decides and requests nothing; `auditor` asks the site, and writes nothing.
"""

from crawler.audit.auditor import Auditor
from crawler.audit.comparison import Reason, Report
from crawler.audit.held import Held

__all__ = ["Auditor", "Held", "Reason", "Report"]
