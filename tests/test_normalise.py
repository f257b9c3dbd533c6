"""The pure functions: tables of what they say, and what holds whatever they are given."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler import normalise
from crawler.normalise.words import _INVISIBLE, _MOJIBAKE, _PLAIN
from crawler.spiders import mobiflip, winfuture

# Text as pages hold it: letters, and all that hides between them.
ODD = "\u00ad\u200b\u200d\ufeff\u202e\x00\x1f\x85\x96\xa0\u2028\u0308\u037e\u1e9e\ufffd\ud800ﬁßÃ–"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(ODD + "aäÖ ,;|.:/?&=#%*")))

MATE = "https://winfuture.de/news,156209.html"


def unseen(value: str) -> set[str]:
    return {
        character
        for character in value
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character != "\n"
    }


def is_clean(value: str) -> bool:
    return unicodedata.is_normalized("NFC", value) and not unseen(value)


# --- whatever comes in ----------------------------------------------------------------------


@given(TEXTS)
@example("e\u00ad\u0301")
@example("\x85")
def test_text_is_clean_and_settled(value: str) -> None:
    line = normalise.text(value)
    assert line is None or (line and is_clean(line) and line == " ".join(line.split()))
    assert normalise.text(line) == line


@given(st.lists(TEXTS))
def test_a_body_is_clean_and_settled(values: list[str]) -> None:
    body = normalise.body(values)
    assert is_clean(body)
    assert "\n\n\n" not in body
    assert normalise.body(body.split("\n\n")) == body


@pytest.mark.parametrize("function", [normalise.texts, normalise.keywords])
@given(values=st.lists(TEXTS))
@example(values=["a\u037eb"])  # the Greek question mark is a semicolon, says NFC
def test_lists_are_settled_and_hold_each_once(
    function: Callable[[list[str]], list[str]], values: list[str]
) -> None:
    found = function(values)
    assert function(found) == found
    assert all(map(is_clean, found))
    assert len({line.casefold() for line in found}) == len(found)


@pytest.mark.parametrize("function", [normalise.name, normalise.date, normalise.text])
@given(value=TEXTS)
@example(value="von von , Max |")
def test_single_values_are_settled(function: Callable[[str], str | None], value: str) -> None:
    found = function(value)
    assert found is None or (is_clean(found) and function(found) == found)


@given(TEXTS)
def test_only_mojibake_is_left_for_the_check(value: str) -> None:
    for flaw in normalise.flaws(normalise.text(value) or ""):
        assert flaw.startswith("mojibake")


@given(TEXTS)
def test_a_credit_is_part_of_its_caption(value: str) -> None:
    caption = normalise.text(f"{value} (Foto: {value})") or ""
    credit = normalise.credit(caption)
    assert credit is None or (credit in caption and normalise.text(credit) == credit)


ADDRESSES = st.one_of(
    TEXTS,
    st.builds("https://{}".format, TEXTS),
    st.builds("https://winfuture.de/{}".format, TEXTS),
    st.builds("//{}:{}/{}?{}#{}".format, TEXTS, st.integers(), TEXTS, TEXTS, TEXTS),
    st.builds("https://i0.wp.com/{}".format, TEXTS),
)


@pytest.mark.parametrize("function", [normalise.url, normalise.image_url])
@given(value=ADDRESSES)
@example(value="https://i0.wp.com/i1.wp.com/a.jpg")
@example(value="https://i0.wp.com//")
@example(value="https://a/?x=\ud83d")
@example(value="https://a b/")
@example(value="https://[::1/")
def test_addresses_are_settled_and_junk_is_none(
    function: Callable[..., str | None], value: str
) -> None:
    found = function(value, MATE)
    if found is not None:
        assert function(found) == found
        assert found.startswith("https://")
        assert not set(found) & set(" \t\n#")
        assert found.isascii()


@pytest.mark.parametrize("site", [winfuture, mobiflip])
@given(value=st.one_of(ADDRESSES, st.builds("https://www.mobiflip.de/{}".format, TEXTS)))
@example(value="https://www.mobiflip.de/huawei?a=1")
def test_the_canonical_form_is_its_own(site: Any, value: str) -> None:
    canonical = site.ARTICLE_URL.canonical(value, MATE)
    if canonical is not None:
        assert site.ARTICLE_URL.canonical(canonical) == canonical == normalise.url(canonical)
        assert "?" not in canonical


# --- text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Smart\u00adphone", "Smartphone"),
        ("span\u00ad\u00adnend", "spannend"),
        ("  viel \t\r\n Raum  ", "viel Raum"),
        ("5\u00a0Zoll", "5 Zoll"),
        ("schmal\u202f%", "schmal %"),
        ("Mu\u0308nchen", "München"),
        ("\ufeffAnfang", "Anfang"),
        ("Null\x00byte", "Nullbyte"),
        ("links\u200erechts", "linksrechts"),
        ("gut \x96 schlecht", "gut – schlecht"),
        ("\x84Zitat\x93", "„Zitat“"),
        ("offen\x85", "offen…"),
        ("halb\ud83d", "halb"),
        ("\u00ad\u200b", None),
        ("", None),
        (None, None),
    ],
)
def test_text(given: str | None, wanted: str | None) -> None:
    assert normalise.text(given) == wanted


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        ("Smart\u00adphone", "invisible character U+00AD"),
        ("gr\u00c3\u00bcn", "mojibake"),
        ("\u00e2\u20ac\u017ezitiert", "mojibake"),
        ("kaputt \ufffd", "mojibake"),
        ("Mu\u0308nchen", "not in Unicode"),
    ],
)
def test_flaws_are_named(value: str, flaw: str) -> None:
    assert any(found.startswith(flaw) for found in normalise.flaws(value))


@pytest.mark.parametrize("value", ["São Paulo", "ÄÖÜ – „gut“ …", "Ein\n\nzweiter Absatz", "日本"])
def test_sound_text_has_no_flaw(value: str) -> None:
    assert normalise.flaws(value) == []


def test_keywords_are_divided_and_kept_as_spelled() -> None:
    assert normalise.keywords(["Huawei, huawei; Mate 20 ,,", "KI"]) == ["Huawei", "Mate 20", "KI"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Von Merle Ahrens", "Merle Ahrens"),
        ("Christian\u00a0Kahle,\u00a0", "Christian Kahle"),
        ("Autorin: Ji Feng |", "Ji Feng"),
        ("Wernher von Braun", "Wernher von Braun"),
        ("Vonda Lee", "Vonda Lee"),
        (" , ", None),
    ],
)
def test_names(given: str, wanted: str | None) -> None:
    assert normalise.name(given) == wanted


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [
        ("Das P8 von vorn (Bild: Huawei)", "Huawei"),
        ("Fotos: Merle Ahrens", "Merle Ahrens"),
        ("Bildquelle: Huawei]", "Huawei"),
        ("Ein Bild: schön", "schön"),
        ("Ohne Angabe", None),
        (None, None),
    ],
)
def test_credits(caption: str | None, wanted: str | None) -> None:
    assert normalise.credit(caption) == wanted


@pytest.mark.parametrize(
    ("paragraph", "wanted"),
    [
        ("Anzeige", "page"),
        ("– Anzeige –", "page"),
        ("-> Zum Angebot *", "page"),
        ("Du bist hier: mobiFlip.de / Hardware", "page"),
        ("Das DISQUS-Kommentarsystem verarbeitet personenbezogene Daten.", "page"),
        ("Folgt uns auf Mastodon!", "page"),
        ("*Affiliate-Link", "affiliate"),
        ("Als Amazon-Partner verdienen wir an qualifizierten Verkäufen.", "affiliate"),
        ("In diesem Artikel sind Affiliate-Links enthalten.", "affiliate"),
        ("Mit * markierte Verweise sind Partnerlinks, wir erhalten eine Vergütung.", "affiliate"),
        ("Für Provisionslinks erhalten wir eine kleine Vergütung.", "affiliate"),
        ("Google straft Seiten ab, deren Affiliate-Links Provisionen verschweigen.", None),
        ("Der Konzern verdient an jedem Link mit.", None),
        ("Die Anzeige misst 6,7 Zoll.", None),
        ("Auf dem Schild steht: Du bist hier: Düsseldorf.", None),
        ("Der Dienst Disqus wurde verkauft.", None),
        ("Affiliate-Links " * 60, None),
    ],
)
def test_notices(paragraph: str, wanted: str | None) -> None:
    assert normalise.notice(paragraph) == wanted


# --- dates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("2026-01-15T21:10:00+01:00", "2026-01-15T21:10:00+01:00"),
        ("2021-07-14T06:30:00+00:00", "2021-07-14T06:30:00+00:00"),
        ("2021-07-14T06:30:00Z", "2021-07-14T06:30:00+00:00"),
        ("2021-07-14T06:30:00.123-05:00", "2021-07-14T06:30:00-05:00"),
        ("2021-07-14T06:30:00+0200", "2021-07-14T06:30:00+02:00"),
        ("2021-07-14 06:30", "2021-07-14T06:30:00+02:00"),
        ("2018-03-21", "2018-03-21T00:00:00+01:00"),
        ("15.01.2026 21:10 Uhr", "2026-01-15T21:10:00+01:00"),
        ("15.7.2026, 9:05 Uhr", "2026-07-15T09:05:00+02:00"),
        ("15.07.2026 um 09.05 Uhr", "2026-07-15T09:05:00+02:00"),
        ("21.03.18 | Merle Ahrens", "2018-03-21T00:00:00+01:00"),
        ("21. März 2018", "2018-03-21T00:00:00+01:00"),
        ("21. MÄRZ 2018", "2018-03-21T00:00:00+01:00"),
        ("21. Ma\u0308rz 2018", "2018-03-21T00:00:00+01:00"),
        ("Mittwoch, 21. März 2018, 18:04 Uhr", "2018-03-21T18:04:00+01:00"),
        ("Mi., 1. Aug. 2018", "2018-08-01T00:00:00+02:00"),
        ("1 Sept. 2018 - 7:00:09", "2018-09-01T07:00:09+02:00"),
        ("3. Jänner 2020", "2020-01-03T00:00:00+01:00"),
        ("Wed, 21 Mar 2018 10:00:00 +0100", "2018-03-21T10:00:00+01:00"),
        ("Wed, 21 Mar 2018 10:00:00 GMT", "2018-03-21T10:00:00+00:00"),
        ("Wed, 21 Mar 2018 10:00:00 -0000", "2018-03-21T10:00:00+00:00"),
        # In the hour that summer skips the clock counts on in winter time; the hour that autumn
        # repeats is its first one.
        ("31.03.2024 02:30 Uhr", "2024-03-31T02:30:00+01:00"),
        ("27.10.2024 02:30 Uhr", "2024-10-27T02:30:00+02:00"),
        ("27.10.2024 03:00 Uhr", "2024-10-27T03:00:00+01:00"),
        ("31.02.2024", None),
        ("31.02.2024, gemeint ist der 1.3.2024", "2024-03-01T00:00:00+01:00"),
        ("29. Februar 2023", None),
        ("12.13.2024", None),
        ("15.01.2026 25:10 Uhr", None),
        ("Version 3.5.1 von 2018", None),
        ("21. Maerchen", None),
        ("Wed, 99 Foo 2018", None),
        ("gestern", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(given: str | None, wanted: str | None) -> None:
    assert normalise.date(given) == wanted


MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"


@pytest.mark.parametrize(("number", "month"), [*enumerate(MONTHS.split(), 1)])
@pytest.mark.parametrize("form", ["5. {} 2020", "5. {:.3}. 2020", "5 {} 2020, 12:00 Uhr"])
def test_every_month_is_known(number: int, month: str, form: str) -> None:
    assert (normalise.date(form.format(month)) or "").startswith(f"2020-{number:02}-05T")


@given(st.datetimes(datetime(1950, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_moment_is_kept(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for written in (moment.isoformat(), moment.astimezone(normalise.BERLIN).isoformat()):
        assert datetime.fromisoformat(normalise.date(written) or "") == moment
    assert normalise.utc(moment) == moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://winfuture.de/x#block", "https://winfuture.de/x"),
        ("/mywf/1/", "https://winfuture.de/mywf/1/"),
        ("//i.wfcdn.de/a.jpg", "https://i.wfcdn.de/a.jpg"),
        ("HTTPS://User:geheim@Example.COM:443/A", "https://example.com/A"),
        ("http://example.com:80", "https://example.com/"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        ("https://müller.example/straße", "https://xn--mller-kva.example/stra%C3%9Fe"),
        (" https://example.com/a b ", "https://example.com/a%20b"),
        ("https://example.com/a%20b", "https://example.com/a%20b"),
        ("https://example.com/?a=1&utm_source=x&b=2", "https://example.com/?a=1&b=2"),
        ("https://example.com/?q=a%26b", "https://example.com/?q=a%26b"),
        ("mailto:a@example.com", None),
        ("javascript:void(0)", None),
        ("data:image/gif;base64,R0lGOD", None),
        ("https://", None),
        ("https://a b/", None),
        ("https://example.com:99999/", None),
        ("https://example.com:x/", None),
        ("https://[::1/", None),
        ("https://a/\ud83d", None),
    ],
)
def test_urls(given: str, wanted: str | None) -> None:
    assert normalise.url(given, MATE) == wanted


TRACKING = (
    "utm_source utm_medium utm_campaign utm_term utm_content UTM_SOURCE fbclid gclid dclid msclkid "
    "yclid twclid igshid gbraid wbraid mc_cid mc_eid _ga _gl ref_src cmpid ns_campaign vero_id "
    "pk_campaign mtm_source piwik_kwd matomo_x hsa_acc wt_mc wt_zmc"
).split()


@pytest.mark.parametrize("name", TRACKING)
def test_tracking_goes(name: str) -> None:
    assert normalise.url(f"{MATE}?{name}=x") == MATE
    assert normalise.url(f"https://a.example/?p=1&{name}=x") == "https://a.example/?p=1"


@pytest.mark.parametrize("name", ["p", "id", "h", "u", "page", "utm", "gaclid", "reference"])
def test_other_parameters_stay(name: str) -> None:
    assert normalise.url(f"https://a.example/?{name}=x") == f"https://a.example/?{name}=x"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://i0.wp.com/www.mobiflip.de/a.jpg?w=1", "https://www.mobiflip.de/a.jpg"),
        ("https://i1.wp.com/i2.wp.com/b.example/a.jpg", "https://b.example/a.jpg"),
        ("https://i0.wp.com/", "https://i0.wp.com/"),
        ("https://wp.com/a.jpg?w=1", "https://wp.com/a.jpg?w=1"),
        ("", None),
    ],
)
def test_image_urls(given: str, wanted: str | None) -> None:
    assert normalise.image_url(given) == wanted


@pytest.mark.parametrize(
    "variant",
    [
        MATE,
        "http://winfuture.de/news,156209.html",
        "https://www.winfuture.de/news,156209.html",
        "https://m.winfuture.de/news/156209",
        "https://m.winfuture.de/news,156209.html",
        "https://pdf.winfuture.de/news/156209",
        "https://pdf.winfuture.de/news/156209/Mate-80.pdf?h=3f0067",
        "/news,1562091.html",
        "/news,156209.html#comments",
        "/news,156209.html?utm_source=special&utm_medium=teaser",
        "news,156209.html",
        "HTTPS://WinFuture.de:443/news,156209.html",
    ],
)
def test_all_variants_of_winfuture_are_one(variant: str) -> None:
    article_url = winfuture.ARTICLE_URL
    assert article_url.canonical(variant, MATE) == MATE
    number = article_url.number(variant, MATE)
    assert normalise.article_id("winfuture", number, MATE) == "winfuture:156209"


@pytest.mark.parametrize(
    ("given", "number"), [("86913", "86913"), ("869131", "86913"), ("100001", "100001")]
)
def test_older_numbers_have_five_digits(given: str, number: str) -> None:
    assert winfuture.ARTICLE_URL.number(f"https://winfuture.de/news,{given}.html") == number


@pytest.mark.parametrize(
    "other",
    [
        "/news-kommentare,156209.html",
        "/downloadvorschalt,3091.html",
        "/screenshots/Huawei-1-1.html",
        "/videos/Hardware/Rundgang-1.html",
        "/special/huawei/",
        "/special/huawei/angebote",
        "/r?h=1&u=https%3A%2F%2Fwinfuture.de%2Fnews%2C156209.html",
        "/mywf/1/",
        "/news/ticker/",
        "/news/thema/300/1.html",
        "/archiv/2026/01/15/",
        "/news,abc.html",
        "/",
        "https://static.winfuture.de/news,156209.html",
        "https://winfuture.de.example/news,156209.html",
        "mailto:a@winfuture.de",
        "#",
    ],
)
def test_what_is_no_article_of_winfuture_is_none(other: str) -> None:
    base = "https://winfuture.de/special/huawei/"
    assert winfuture.ARTICLE_URL.canonical(other, base) is None


WATCH = "https://www.mobiflip.de/huawei-watch/"


@pytest.mark.parametrize(
    ("variant", "wanted"),
    [
        (WATCH, WATCH),
        ("http://mobiflip.de/huawei-watch", WATCH),
        ("https://www.mobiflip.de/huawei-watch/amp/", WATCH),
        ("https://www.mobiflip.de/huawei-watch/amp", WATCH),
        ("https://www.mobiflip.de/huawei-watch/?amp=1&fbclid=x#disqus_thread", WATCH),
        ("https://www.mobiflip.de/huawei-watch?replytocom=7", WATCH),
        ("/shortnews/huawei-watch/", "https://www.mobiflip.de/shortnews/huawei-watch/"),
        ("/shortnews/huawei-watch/amp/", "https://www.mobiflip.de/shortnews/huawei-watch/"),
        ("/thema/huawei/", None),
        ("/thema/huawei/page/2/", None),
        ("/thema/huawei/feed/", None),
        ("/kategorie/hardware/", None),
        ("/author/merle/", None),
        ("/shortnews/", None),
        ("/amp/", None),
        ("/feed/", None),
        ("/impressum/", None),
        ("/wp-content/uploads/2018/03/a.jpg", None),
        ("/sitemap.xml", None),
        ("/huawei-watch/2/", None),
        ("/?s=huawei", None),
        ("/", None),
        ("https://forum.mobiflip.de/huawei-watch/", None),
    ],
)
def test_variants_of_mobiflip(variant: str, wanted: str | None) -> None:
    assert mobiflip.ARTICLE_URL.canonical(variant, WATCH) == wanted


@pytest.mark.parametrize(
    "short", ["https://www.mobiflip.de/?p=7", "http://mobiflip.de/?p=7&utm_source=x", "/?a=1&p=7"]
)
def test_a_short_link_tells_the_number_alone(short: str) -> None:
    assert mobiflip.ARTICLE_URL.number(short, WATCH) == "7"
    assert mobiflip.ARTICLE_URL.canonical(short, WATCH) is None


def test_without_a_number_the_path_is_the_id() -> None:
    assert normalise.article_id("mobiflip", None, WATCH) == "mobiflip:/huawei-watch/"


def test_the_hash_parts_the_three_texts() -> None:
    assert normalise.content_hash("a", None, "b") == normalise.content_hash("a", "", "b")
    assert normalise.content_hash("a", "b", "c") != normalise.content_hash("a", "", "b\nc")


NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("printed", "odd"),
    [
        ("2026-01-15T12:59:00+01:00", []),
        ("2026-01-15T13:05:00+01:00", []),
        ("2026-01-15T13:11:00+01:00", ["in the future"]),
        ("31.12.2099", ["in the future"]),
        ("01.01.1995 00:00 Uhr", []),
        ("31.12.1994 23:59 Uhr", ["before 1995"]),
        ("29.03.2025 02:30 Uhr", []),
        ("30.03.2025 02:30 Uhr", ["daylight saving time skips this hour"]),
        ("2025-03-30T02:30:00+01:00", []),
        ("26.10.2025 02:30 Uhr", ["daylight saving time has this hour twice"]),
        ("2025-10-26T02:30:00+02:00", []),
        ("26.10.2025 03:00 Uhr", []),
        ("no date", []),
    ],
)
def test_odd_dates_are_named_and_kept(printed: str, odd: list[str]) -> None:
    assert normalise.date_oddities(printed, NOW) == odd
    assert (normalise.date(printed) is None) == (printed == "no date")


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2026-01-15T21:10:00+01:00", "2026-01-15T20:10:35+00:00", True),
        ("2026-01-15T21:10:00+01:00", "2026-01-15T21:12:00+01:00", False),
        ("2026-01-15T21:10:00+01:00", "2026-01-15T00:00:00+01:00", True),
        ("2026-01-15T21:10:00+01:00", "2026-01-14T00:00:00+01:00", False),
    ],
)
def test_dates_agree_as_far_as_both_tell(one: str, other: str, agree: bool) -> None:
    assert normalise.dates_agree(one, other) == agree
    assert normalise.dates_agree(other, one) == agree


def test_plain_characters_have_no_flaw_whatever_stands_beside_them() -> None:
    plain = [sign for sign in map(chr, range(0x110000)) if _PLAIN.fullmatch(sign)]
    seconds = {
        chr(int(parts[1], 16))
        for parts in (unicodedata.decomposition(chr(code)).split() for code in range(0x110000))
        if len(parts) == 2 and not parts[0].startswith("<")
    }
    assert len(plain) > 600
    for sign in plain:
        assert sign.isprintable() or sign == "\n"
        assert unicodedata.is_normalized("NFC", sign)
        assert not unicodedata.combining(sign)
        assert sign not in seconds, "it joins what stands before it"
        assert not [other for other in plain if _MOJIBAKE.match(sign + other)]


@given(TEXTS)
def test_flaws_are_those_of_each_text_alone(value: str) -> None:
    assert bool(normalise.flaws(value)) == bool(
        _INVISIBLE.search(value)
        or _MOJIBAKE.search(value)
        or not unicodedata.is_normalized("NFC", value)
    )
