"""The rules for duplicates, on invented texts; benchmarks/duplicates.md measures them at large."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.duplicates import SIMILAR, Text, band_keys, judge, similarity

PRESS = """\
Der Netzbetreiber Südlicht nimmt im Frühjahr 40 neue Sendemasten in Betrieb und schließt damit \
die letzten Lücken zwischen Bodensee und Schwarzwald. Das teilte das Unternehmen am Dienstag mit.

Die Masten stehen überwiegend in kleinen Gemeinden, die bislang mit langsamen Leitungen auskommen \
mussten. Rund 23.000 Haushalte sollen profitieren, dazu mehrere Schulen und ein Krankenhaus. Die \
Kosten gibt der Betreiber mit 18 Millionen Euro an.

"Wir bauen dort, wo es sich lange nicht gelohnt hat", sagte Sprecherin Hanne Ilgenfritz bei der \
Vorstellung der Pläne. Gefördert wird der Ausbau vom Land, das ein Drittel der Summe übernimmt.

Kritik kam von einer Bürgerinitiative, die um das Ortsbild fürchtet. Sie hat Einspruch gegen zwei \
der Standorte erhoben, über den im Herbst entschieden wird."""
DEAL = """\
Wer mit der Uhr geliebäugelt hat, sollte jetzt zuschlagen: Bei Uhrenkontor kostet die Pulsar Fit 3 \
nur noch 129 Euro. Im Preisvergleich werden sonst mindestens 159 Euro fällig, ihr spart also rund \
19 Prozent.

Das Angebot gilt bis Sonntag, den 12. April, und nur solange der Vorrat reicht. Der Versand ist \
kostenlos, bezahlen könnt ihr auf Rechnung oder mit Karte.

Die Pulsar Fit 3 misst Herzschlag und Schlaf, hält mit einer Ladung gut 10 Tage durch und ist bis \
50 Meter wasserdicht. Wir hatten sie im Test und waren vor allem von der hellen Anzeige angetan."""
LAUNCH = """\
Huawei hat in Dongguan das Tablet MatePad Echo gezeigt. Es bringt ein Display mit 11,5 Zoll, einen \
Akku mit 8300 mAh und einen Stift mit, der magnetisch am Rand haftet.

Angetrieben wird das Gerät von einem eigenen Prozessor, dem 12 Gigabyte Arbeitsspeicher zur Seite \
stehen. Die Kamera auf der Rückseite löst mit 13 Megapixeln auf, jene auf der Vorderseite mit 8.

In Deutschland kommt das Tablet ab dem 3. Mai in Grau und Grün in den Handel. Der Preis liegt bei \
449 Euro, eine Tastatur kostet weitere 99 Euro und muss gesondert bestellt werden."""
FUNDING = "Gefördert wird der Ausbau vom Land, das ein Drittel der Summe übernimmt."
STUB = "Video: Das müsst ihr gesehen haben. Viel Spaß beim Anschauen!"


def text(body: str, *, number: int = 1, site: str = "winfuture", headline: str = "Titel") -> Text:
    return Text(f"{site}:{number}", site, headline, body)


def changed(body: str, *changes: tuple[str, str]) -> str:
    for was, became in changes:
        assert was in body, was
        body = body.replace(was, became)
    return body


COPIES = {
    "verbatim": PRESS,
    "other spacing, quotes and number style": changed(
        PRESS, ("\n\n", "\n"), ('"', "„"), ("23.000", "23000"), ("18 Mill", "18,00 Mill")
    ),
    "a source line": f"{PRESS}\n\nQuelle: Südlicht",
    "an opening for the readers": f"Gute Nachrichten für alle im Südwesten!\n\n{PRESS}",
    "paragraphs moved": "\n\n".join(reversed(PRESS.split("\n\n"))),
    "a paragraph moved and words changed": changed(
        "\n\n".join(reversed(PRESS.split("\n\n"))), ("überwiegend", "meist"), ("Summe", "Kosten")
    ),
    "a typing error corrected": changed(PRESS, ("Krankenhaus", "Krankenhause")),
    "words changed, a number among them": changed(
        PRESS,
        ("schließt damit", "schließt so"),
        ("bislang", "bisher"),
        ("Rund 23.000", "Etwa 23.500"),
        ("Kritik kam", "Widerspruch kommt"),
        ("im Herbst", "später"),
    ),
    "two words changed, a number and a noun": changed(
        PRESS, ("40 neue", "41 neue"), ("Vorstellung", "Erläuterung")
    ),
    "a product spelled apart": changed(PRESS, ("Südlicht", "Süd-Licht")),
}
LOOKALIKES = {
    "next week's deal": changed(
        DEAL, ("129", "119"), ("19 Prozent", "25 Prozent"), ("12. April", "19. April")
    ),
    "another price, another day": changed(DEAL, ("129", "119"), ("Sonntag", "Mittwoch")),
    "only another price": changed(DEAL, ("129", "119")),
    "another price and another opening": changed(
        DEAL,
        ("Wer mit der Uhr geliebäugelt hat, sollte jetzt zuschlagen", "Neue Woche, neuer Preis"),
        ("129", "119"),
        ("159 Euro", "149 Euro"),
        ("19 Prozent", "20 Prozent"),
    ),
    "another product of the same shop": changed(DEAL, ("Pulsar Fit 3", "Quasar Run 2")),
}


@pytest.mark.parametrize("body", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize(("site", "kind"), [("winfuture", "same-site"), ("mobiflip", "other-site")])
def test_a_copy_is_found_and_named(body: str, site: str, kind: str) -> None:
    earlier = text(PRESS)
    assert {*band_keys(earlier.article_body)} & {*band_keys(body)}
    verdict = judge(text(body, number=2, site=site), [text(DEAL, number=3), earlier])
    assert verdict is not None
    assert (verdict.kind, verdict.id) == (kind, "winfuture:1")
    assert 0.88 <= verdict.similarity <= 1


@pytest.mark.parametrize("body", LOOKALIKES.values(), ids=LOOKALIKES)
@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_other_facts_make_another_article(body: str, site: str) -> None:
    assert similarity(DEAL, body) > 0.88, "alike enough to be taken for a copy"
    assert judge(text(body, number=2, site=site), [text(DEAL)]) is None


def test_a_template_filled_with_another_product_is_another_article() -> None:
    other = changed(
        LAUNCH,
        ("Echo", "Nano"),
        ("Dongguan", "Wien"),
        ("11,5", "10,4"),
        ("8300", "7700"),
        ("12 Giga", "8 Giga"),
        ("3. Mai", "28. Juni"),
        ("449", "329"),
    )
    assert judge(text(other, number=2), [text(LAUNCH)]) is None


def test_another_place_in_text_and_headline_is_another_article() -> None:
    """A name alone looks like any noun; the headline tells that it is what the text is about."""
    body = changed(PRESS, ("Bodensee", "Neckar"))
    near, far = "Neue Masten am Bodensee", "Neue Masten am Neckar"
    earlier = text(PRESS, headline=near)
    assert judge(text(body, number=2, headline=far), [earlier]) is None
    assert judge(text(body, number=2, headline=near), [earlier]) is not None


def test_an_article_never_duplicates_itself() -> None:
    correction = text(changed(PRESS, ("Dienstag", "Mittwoch")))
    assert judge(correction, [text(PRESS)]) is None


def test_the_same_text_under_a_new_id_is_a_duplicate() -> None:
    again = replace(text(PRESS, number=77), headline="Wir erinnern uns")
    verdict = judge(again, [text(PRESS)])
    assert verdict is not None
    assert (verdict.kind, verdict.similarity) == ("same-site", 1.0)


def test_stubs_swallow_each_other_only_when_headline_and_body_are_equal() -> None:
    assert band_keys(STUB) == ()
    one, other = text(STUB, headline="Falthandy im Test"), text(STUB, headline="Uhr im Test")
    assert judge(replace(other, id="winfuture:2"), [one]) is None
    verdict = judge(replace(one, id="winfuture:2"), [one])
    assert verdict is not None
    assert verdict.similarity == 1.0
    almost = text(changed(STUB, ("gesehen", "gehört")), number=2, headline=one.headline)
    assert judge(almost, [one]) is None


def test_the_thresholds_differ_by_site() -> None:
    """Cut to its first paragraphs, as an agency's text is on its way to another site."""
    shortened = PRESS.partition(" Sie hat Einspruch")[0].replace(FUNDING, "")
    assert 0.8 < similarity(PRESS, shortened) < 0.88
    assert judge(text(shortened, number=2), [text(PRESS)]) is None
    assert judge(text(shortened, site="mobiflip"), [text(PRESS)]) is not None
    halved = "\n\n".join(PRESS.split("\n\n")[:2])
    assert judge(text(halved, site="mobiflip"), [text(PRESS)]) is None


def test_the_best_candidate_is_named() -> None:
    """The same site first, then the more alike, then the earlier."""
    alike = text(PRESS, site="mobiflip")
    near = text(f"{PRESS}\n\nMehr dazu in Kürze.", number=2)
    again = replace(near, id="winfuture:3")
    new = text(PRESS, number=9)

    def named(*candidates: Text) -> str | None:
        verdict = judge(new, candidates)
        return verdict.id if verdict else None

    assert named(alike) == alike.id
    assert named(alike, near, again) == near.id
    assert named(near, text(PRESS, number=4)) == "winfuture:4"
    assert named() is None


def test_keys_fit_into_six_bytes_and_stay_as_they_are() -> None:
    """Stored keys must keep their meaning: a change of the sketch is a new `KEYS_VERSION`."""
    keys = band_keys(PRESS)
    assert len(keys) == len({*keys}) == 16
    assert all(-(2**47) <= key < 2**47 for key in keys)
    assert keys[:2] == (-86768912877810, -9119594880502)


WORDS = st.lists(st.sampled_from("der Akku hält 12 Tage Li Wien 5G lädt schnell".split()))
PROSE = WORDS.map(" ".join)


@given(PROSE, PROSE)
def test_similarity_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert similarity(one, one) == 1
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1


@settings(max_examples=50)
@given(st.data(), st.sampled_from(["winfuture", "mobiflip"]))
def test_a_verdict_keeps_to_the_threshold_however_a_text_was_changed(
    data: st.DataObject, site: str
) -> None:
    words = (PRESS + DEAL).split()
    for _ in range(data.draw(st.integers(0, 40))):
        place = data.draw(st.integers(0, len(words) - 1))
        words[place : place + data.draw(st.integers(0, 2))] = data.draw(WORDS)[:2]
    earlier, later = text(PRESS + DEAL), text(" ".join(words), number=2, site=site)
    alike = similarity(earlier.article_body, later.article_body)
    verdict = judge(later, [earlier])
    if verdict is None:
        assert alike < 1
    else:
        assert verdict.similarity == alike >= SIMILAR[verdict.kind]


def test_texts_with_thousands_of_differences_are_judged_too() -> None:
    """So many overflow a binomial coefficient, and lose a small probability."""
    long = " ".join(f"Wort{n} steht hier und so weiter" for n in range(3000))
    reworded = long.replace("weiter", "fort", 1000)
    assert judge(text(reworded, number=2), [text(long)]) is not None
    numbered = " ".join(f"Wort{n + n % 2 * 9000} steht hier und so weiter" for n in range(3000))
    assert similarity(long, numbered) > 0.88
    assert judge(text(numbered, number=2), [text(long)]) is None
