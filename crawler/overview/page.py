"""The page of the report: charts as SVG, a template that escapes all that comes from pages."""

import re
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from crawler.overview.figures import Figures
from crawler.overview.words import WORDS

_HERE: Final = Path(__file__).parent
_PALETTE: Final = tuple(f"var(--series-{n})" for n in range(1, 7))
_LONGEST: Final = 300  # characters of a headline
# Marks that turn the direction of what follows (Unicode, UAX 9).
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def page(figures: Figures, *, language: str, made: str) -> str:
    """The whole page. `made` is when, as it is shown."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    words = WORDS[language]
    template = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("page.html")
    script = (_HERE / "page.js").read_text()
    return template.render(
        figures=figures,
        words=words,
        language=language,
        made=made,
        charts=_charts(figures, words) if figures.weeks else {},
        plain=_plain,
        events=[words[name] for name in figures.events],
        named_events={words[name]: counts for name, counts in figures.events.items()},
        decimal=lambda number: f"{number:.1f}".replace(".", words["point"]),
        is_web=lambda url: re.match(r"https?://", url) is not None,
        style=(_HERE / "page.css").read_text(),
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _plain(text: str) -> str:
    text = _TURNING.sub("", text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _charts(figures: Figures, words: dict[str, str]) -> dict[str, str]:
    weeks = [f"{week:%d.%m.}" for week in figures.weeks]
    events = {words[name]: counts for name, counts in figures.events.items()}
    lengths, counts = zip(*figures.lengths, strict=True)
    return {
        "coverage": _bars("coverage", 900, figures.published, weeks, words["coverage"]),
        "events": _bars("events", 480, events, weeks, words["events"]),
        "lengths": _bars(
            "lengths", 480, {words["articles"]: [*counts]}, [*lengths], words["lengths"]
        ),
    }


def _step(most: int) -> int:
    """Between the lines of a chart, so that there are few and they are round."""
    tens = 1
    while True:
        for step in (tens, 2 * tens, 5 * tens):
            if most <= 5 * step:
                return step
        tens *= 10


def _pygal() -> Any:
    import pygal

    # It finds its own plugins only, by a method that Python has given up, and would warn of it
    # whenever anything is imported later on.
    sys.meta_path[:] = [it for it in sys.meta_path if type(it).__name__ != "PluginImportFixer"]
    return pygal


def _bars(
    name: str, width: int, series: dict[str, list[int]], labels: list[str], title: str
) -> str:
    """Stacked bars as SVG; the legend is the page's own."""
    pygal = _pygal()
    from markupsafe import escape
    from pygal.style import Style

    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--soft)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--line)",
        opacity="1",
        opacity_hover=".8",
        colors=_PALETTE,
        font_family="inherit",
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=14,
        tooltip_font_size=14,
        transition="0s",
    )
    shown = max(1, len(labels) // (width // 75))
    chart: Any = pygal.StackedBar(
        style=style,
        width=width,
        height=280,
        js=[],
        explicit_size=False,
        disable_xml_declaration=True,
        show_legend=False,
        show_minor_x_labels=False,
        truncate_label=-1,
        x_labels_major_every=shown,
        margin=6,
        rounded_bars=2,
        value_formatter=lambda value: f"{value:.0f}",
        no_data_text="–",
    )
    chart.uuid = name  # else a random one, and each page would be another
    chart.x_labels = labels
    most = max(map(sum, zip(*series.values(), strict=True)), default=0)
    chart.y_labels = [*range(0, most + 1, _step(most))]
    for told, counts in series.items():
        chart.add(str(escape(told)), counts)
    drawn: str = chart.render(is_unicode=True)
    # Its own script would be refused, and its title is the heading beside it.
    drawn = re.sub(r"<script.*?</script>|<title>.*?</title>", "", drawn, flags=re.DOTALL)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
