"""Run reports: what each run did, and whether the chain of them holds.

`docs/run-report.schema.json` is generated from `RunReport` (`make docs`). Reading needs no Scrapy.

    for report in crawler.report.reports("output", "winfuture"):
        print(report.started, report.counts["new"])
"""

from crawler.report.chain import Breach, Chain, breaches
from crawler.report.counting import Tally, told_by
from crawler.report.files import left_report, named, report_at, report_paths, reports, sha256
from crawler.report.run_report import Alarm, Declaration, FeedFile, Flagged, ReportError, RunReport

__all__ = [
    "Alarm",
    "Breach",
    "Chain",
    "Declaration",
    "FeedFile",
    "Flagged",
    "ReportError",
    "RunReport",
    "Tally",
    "breaches",
    "left_report",
    "named",
    "report_at",
    "report_paths",
    "reports",
    "sha256",
    "told_by",
]
