"""Walls: what stands where an article or a listing should be, and how each kind gives itself away.

Structure decides first: a page that holds an article's text and date is an article, whatever
scripts, boxes and forms surround it. Only a page that lacks them is held against the table.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, cast

from lxml import etree

from crawler.html import css, line
from crawler.normalise import text
from crawler.pages.article_page import ArticlePage
from crawler.pages.page import Page
from crawler.pages.paywall import is_false
from crawler.pages.tag_page import TagPage


def _words(*phrases: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(phrase, re.IGNORECASE) for phrase in phrases)


def _title(*titles: str) -> re.Pattern[str]:
    opening = r"(?:(?:hoppla|ups|oops|huch|sorry|leider|fehler|error|achtung)\b\W*)?"
    return re.compile(rf"{opening}(?:{'|'.join(titles)})[\W_]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wall:
    """A kind of wall. Any mark, or a title, is proof; so are two phrases, or one beside a hint on
    a page that says little else, unless the page calls itself an article or is built like one.

    kind: the key in the run report. name: as a sentence has it. title: all of the page's title,
    but for the site's name, or of its first heading. marks: markup that no other page holds.
    hints: markup that ordinary pages hold, too. phrases: what it says, each a different thing.
    """

    kind: str
    name: str
    title: re.Pattern[str]
    marks: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    phrases: tuple[re.Pattern[str], ...] = ()

    @property
    def is_before_site(self) -> bool:
        """Whether it keeps from all of a site; an error page is one article's matter."""
        return self.kind != "error"


WALLS: Final = (
    Wall(
        "bot_challenge",
        "a bot challenge",
        _title(
            r"nur einen moment(?: bitte)?",
            r"sicherheits(?:über)?prüfung",
            r"(?:sind sie|bist du) (?:ein (?:mensch|roboter)|kein roboter)",
            r"zugriff (?:verweigert|blockiert|gesperrt)",
            r"just a moment",
            r"attention required! \| cloudflare",
            r"attention required",
            r"access (?:to this page has been )?denied",
            r"human verification",
            r"are you (?:a )?(?:human|robot|not a robot)",
            r"pardon our interruption",
            r"making sure you'?re not a bot",
            r"security check",
            r"please wait while .{0,40}(?:verify|check)\w*.{0,40}",
        ),
        marks=(
            *("_cf_chl_opt", "cf-browser-verification", "cf-challenge-running"),  # Cloudflare
            "captcha-delivery.com",  # DataDome
            *("px-captcha", "/captcha/captcha.js?a=c&m=0"),  # PerimeterX, now HUMAN
            *("sec-if-cpt-container", "/_sec/cp_challenge/", "errors.edgesuite.net"),  # Akamai
            *("Incapsula incident ID", "_Incapsula_Resource?CWUDNSAI"),  # Imperva
            *("anubis_challenge", "/.within.website/x/cmd/anubis/"),  # Anubis
            *("google.com/sorry/", "awswaf-captcha", "ddg-captcha"),
        ),
        hints=("h-captcha", "g-recaptcha", "cf-turnstile", "friendly-challenge", "frc-captcha"),
        phrases=_words(
            r"(?:dass|ob) (?:sie|du) (?:ein mensch|kein (?:ro)?bot(?:er)?) (?:sind|bist)",
            r"ungewöhnliche\w* (?:datenverkehr|aktivität|zugriffe|anfragen)",
            r"(?:javascript|cookies?) (?:und \w+ )?aktivieren.{0,30}(?:fortzufahren|weiter)",
            r"(?:verif|confirm|check|mak)\w+ (?:that |if |sure )?you(?:'re| are) (?:not )?(?:a )?"
            r"(?:human|(?:ro)?bot)",
            r"unusual (?:traffic|activity)",
            r"enable javascript and cookies to continue",
            r"(?:lösen|löse|bestätigen|bestätige) .{0,30}captcha",
            r"reference (?:#|id)\W*[0-9a-f.]{8,}|\bray id\b|incident id",
        ),
    ),
    Wall(
        "too_many_requests",
        "a page that says too many requests",
        _title(
            r"(?:429\W*)?zu viele (?:anfragen|zugriffe|aufrufe)",
            r"(?:http )?(?:429\W*)?too many requests",
            r"(?:429|rate limit(?:ed| exceeded)?|error 1015)",
        ),
        phrases=_words(
            r"zu viele (?:anfragen|zugriffe|aufrufe)",
            r"too many requests|rate limit",
            r"versuch\w* (?:sie )?es (?:bitte )?(?:später|in \w+ minuten)|try again (?:later|in)",
        ),
    ),
    Wall(
        "maintenance",
        "a maintenance page",
        _title(
            r"wartung(?:sarbeiten|smodus|sseite)?",
            r"(?:wir|website|seite|webseite) .{0,30}(?:wartungsarbeiten|im wartungsmodus|gewartet)",
            r"(?:wir sind )?(?:gleich|bald) (?:wieder|zurück)(?: da| für (?:euch|sie|dich) da)?",
            r"(?:site |website )?(?:is )?(?:down for|under|scheduled) maintenance",
            r"maintenance(?: mode)?",
            r"(?:we'?ll )?be (?:right )?back(?: soon)?",
            r"briefly unavailable for scheduled maintenance.*",
            r"wegen wartungsarbeiten .{0,40}",
        ),
        phrases=_words(
            r"wartungsarbeiten|im wartungsmodus",
            r"(?:vorübergehend|derzeit|momentan|kurzzeitig) nicht (?:erreichbar|verfügbar)",
            r"(?:sind|ist) (?:gleich|bald|in kürze) wieder",
            r"(?:scheduled|under|for) maintenance",
        ),
    ),
    Wall(
        "error",
        "an error page",
        _title(
            r"(?:http\W*)?(?:status\W*)?(?:404|410|403|500|502|503|504)(?:\W*(?:fehler|error))?",
            r"(?:(?:fehler|error)?\W*(?:404|410)\W*)?(?:die(?:se)? |angeforderte )?(?:seite|artikel"
            r"|beitrag|inhalt|page|datei|dokument)(?: (?:wurde|konnte|existiert))?(?: leider)?"
            r"(?: nicht (?:gefunden(?: werden)?|mehr|vorhanden|verfügbar)| not found"
            r"| existiert nicht(?: mehr)?)",
            r"(?:das ist|es ist ein) .{0,20}fehler(?: aufgetreten)?",
            r"nichts gefunden|(?:404\W*)?(?:page )?not found|(?:403\W*)?forbidden",
            r"(?:diesen? |die |den )?(?:seite|artikel|beitrag) gibt es (?:leider )?nicht(?: mehr)?",
            r"(?:500\W*)?(?:interner )?serverfehler|(?:500\W*)?internal server error",
            r"(?:502\W*)?bad gateway|(?:50[34]\W*)?(?:service (?:temporarily )?unavailable"
            r"|gateway time-?out)",
            r"(?:something went wrong|etwas ist schief\s?gelaufen|error establishing a database"
            r" connection|fehler beim aufbau einer datenbankverbindung)",
            r"(?:this|that) page (?:can(?:'t|not) be found|does(?:n't| not) exist)",
        ),
        phrases=_words(
            r"(?:seite|artikel|beitrag|inhalt) (?:wurde|konnte|ist|existiert)"
            r".{0,20} nicht (?:gefunden|mehr|vorhanden)",
            r"page (?:you .{0,40})?(?:could not be|was not|not) found",
            r"(?:fehler|error)\W{0,3}(?:code\W*)?(?:404|410|500|502|503)\b",
            r"(?:zur|zurück zur) startseite|return to (?:the )?home",
        ),
    ),
    Wall(
        "consent",
        "a consent page",
        _title(
            r"(?:ihre |deine )?(?:zustimmung|einwilligung)(?: (?:erforderlich|nötig|zur .{0,40}))?",
            r"(?:datenschutz|cookie|privatsphäre)[- ]?(?:einstellungen|hinweis|zustimmung)(?:en)?",
            r"(?:wir|ihre|deine) .{0,30}(?:privatsphäre|daten) .{0,30}",
            r"(?:weiter)?lesen (?:sie )?mit werbung.{0,40}|weiter mit werbung.{0,40}",
            r".{0,30}(?:bevor|ehe) (?:sie|du) .{0,20}(?:fortfahren|fortfährst|weiterlesen)",
            r"before you continue.{0,40}",
            r"(?:privacy|cookie|consent) (?:settings|preferences|notice|wall)",
            r"we value your privacy|(?:your )?privacy (?:choices|matters)",
        ),
        marks=("consent.google.com/save", "guce-sticky", "collectConsent?sessionId"),
        hints=(
            *("consentmanager.net", "cmpbox", "cmpwrapper"),  # consentmanager
            *("sp_message_container", "privacy-mgmt.com", "sourcepoint"),  # Sourcepoint
            *("usercentrics", "uc-central-container"),  # Usercentrics
            *("onetrust", "optanon", "cookielaw.org"),  # OneTrust
            *("contentpass", "cmp.js"),  # Contentpass
            *("didomi", "quantcast", "trustarc", "cookiebot", "borlabs-cookie", "__tcfapi"),
        ),
        phrases=_words(
            r"(?:akzeptieren|zustimmen|einverstanden|annehmen)(?: und|\s*&) (?:weiter|schließen)",
            r"(?:lesen|nutzen|surfen|besuchen|weiter) (?:sie )?(?:\w+ )?mit (?:personalisierter )?"
            r"werbung",
            r"\bpur[- ]?(?:abo|abonnement)\b|\bcontentpass\b"
            r"|(?:werbefrei|ohne (?:tracking|werbung)).{0,60}(?:abo|monat|€|euro)",
            r"(?:wir|ihnen|dir|uns) und unsere[rn]? (?:\d+ |bis zu \d+ )?(?:partner|drittanbieter)",
            r"(?:einwilligung|zustimmung) (?:jederzeit )?.{0,40}widerruf",
            r"personenbezogene\w* daten .{0,120}(?:verarbeit|speicher)",
            r"accept (?:all )?(?:and|&) (?:continue|close)|agree (?:and|&) (?:continue|close)",
            r"we and our (?:\d+ )?partners",
        ),
    ),
    Wall(
        "login",
        "a login page",
        _title(
            r"(?:bitte )?(?:an|ein)?(?:melden|loggen|meldung)(?: sie sich)?(?: an| ein)?",
            r"(?:bitte )?melden? (?:sie sich|dich) .{0,40}an(?:.{0,30})",
            r"(?:zum )?log-?in|einloggen|log in(?: to .{0,30})?|sign in(?: to .{0,30})?",
        ),
        hints=('type="password"',),
        phrases=_words(
            r"passwort vergessen|forgot(?:ten)? (?:your )?password",
            r"(?:um|bitte) .{0,60}(?:anmelden|einloggen|melden sie sich an|anzumelden)",
            r"noch kein (?:konto|account)|jetzt registrieren|create an account",
        ),
    ),
    Wall(
        "paywall",
        "a paywall",
        _title(
            r"(?:jetzt )?(?:weiterlesen|abonnieren)(?: mit .{0,40})?",
            r"(?:dieser|der) (?:artikel|inhalt|beitrag) ist (?:nur )?(?:für .{0,40}|exklusiv.{0,40}"
            r"|kostenpflichtig)",
            r"subscribe to (?:continue|read).{0,40}|subscribers? only",
        ),
        hints=("paywall", "piano.io", "tinypass", "steadyhq", "plenigo", "laterpay", "zephr"),
        phrases=_words(
            r"weiterlesen mit .{0,30}|(?:jetzt|hier) weiterlesen|um weiterzulesen",
            r"(?:nur|exklusiv) für (?:abonnent|mitglieder|unsere leser)",
            r"(?:bereits|schon) (?:abonnent|ein abo|registriert|mitglied)",
            r"(?:\d+ monate?|monatlich|jederzeit) (?:kündbar|kostenlos|gratis)|probeabo",
            r"subscribe to (?:continue|read|unlock)|already a subscriber",
        ),
    ),
)
BY_KIND: Final = {wall.kind: wall for wall in WALLS}

_ARTICLE_WORDS: Final = 40  # of a text; a wall's own words seldom stand where a site's text does
_BARE_WORDS: Final = 150  # of a page that says little beside one thing; menus alone have as many
_STANDARD: Final = frozenset({"json-ld", "meta", "microdata"})
_PAGE_WIDE: Final = frozenset({"error", "maintenance", "too_many_requests"})
_MOST: Final = 200_000  # characters of a page that are looked at
_TITLES: Final = (css("title"), css("h1"))
_TEXTS: Final = etree.XPath(
    "//text()[not(parent::script or parent::style or parent::template)]", smart_strings=False
)
_DIVIDER: Final = re.compile(r"\s+[-–—|»·:]\s+")


def wall_of(page: ArticlePage) -> Wall | None:
    """The wall that stands where the article should be; None for an article, and for what is
    neither, which the checks of the record judge."""
    if has_article(page):
        return None
    has_date = _is_dated(page) or (bool(page.containers) and bool(page.date_published))
    is_built_like_one = bool(page.article_body) and has_date
    found = _Evidence(page).wall(is_like_article=bool(page.node) or is_built_like_one)
    if found is None and not page.article_body and is_false(page.node.get("isAccessibleForFree")):
        return BY_KIND["paywall"]
    return found


def has_article(page: ArticlePage) -> bool:
    """Whether a page holds an article's text where the site has it, and a date for machines."""
    words = sum(len(part.split()) for part in page.article_body or ())
    return _is_dated(page) and words >= _ARTICLE_WORDS and bool(page.containers)


def _is_dated(page: ArticlePage) -> bool:
    return bool(page.date_published) and page.sources["date_published"] in _STANDARD


def listing_wall(page: TagPage) -> Wall | None:
    """The wall that stands where the listing should be.

    A page that names articles is one only by its title: error pages offer the latest news.
    """
    evidence = _Evidence(page)
    if page.articles:
        found = evidence.titled()
        return found if found and found.kind in _PAGE_WIDE else None
    return evidence.wall(is_like_article=False)


class _Evidence:
    """What a page says and holds, gathered as far as it is asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def wall(self, *, is_like_article: bool) -> Wall | None:
        marked = (w for w in WALLS if any(mark in self.markup for mark in w.marks))
        found = next(marked, None) or self.titled()
        if found or is_like_article:
            return found
        return next(filter(self.is_said_by, WALLS), None)

    def titled(self) -> Wall | None:
        return next((w for w in WALLS if any(map(w.title.fullmatch, self.titles))), None)

    def is_said_by(self, wall: Wall) -> bool:
        said = sum(1 for phrase in wall.phrases if phrase.search(self.text))
        is_bare = len(self.text.split()) < _BARE_WORDS
        return said > 1 or (
            said == 1 and is_bare and any(hint in self.markup for hint in wall.hints)
        )

    @cached_property
    def titles(self) -> list[str]:
        """Title and first heading, whole and without what follows a dash or bar."""
        found = []
        for find in _TITLES:
            for element in self.page.all(find)[:1]:
                said = (text(line(element)) or "")[:200]
                found += [said, *_DIVIDER.split(said)[:1]]
        return found

    @cached_property
    def text(self) -> str:
        """All that a reader sees, buttons, forms and `noscript` included, as one line."""
        parts = cast("list[str]", _TEXTS(self.page.tree))
        return " ".join(" ".join(parts).split())[:_MOST]

    @cached_property
    def markup(self) -> str:
        return etree.tostring(self.page.tree, encoding="unicode")[:_MOST]
