"""Invented articles with the event each tells of: same event in other words, same product with
another event. `TUNING` may be looked at when thresholds are chosen, `HELD_OUT` was written before.

An entry: event, day of January 2026, headline, text.
"""

Labelled = tuple[str, int, str, str]

TUNING: list[Labelled] = [
    (
        "mate-launch",
        5,
        "Huawei stellt Mate 90 Pro mit neuer Kamera vor",
        "In Shenzhen hat Huawei das Mate 90 Pro gezeigt. Das Flaggschiff kommt mit einer 200-Megapixel-Kamera und dem Kirin 9050. In China kostet es 6499 Yuan.",
    ),
    (
        "mate-launch",
        5,
        "Mate 90 Pro ist da: Huaweis Flaggschiff setzt auf 200 Megapixel",
        "Huawei präsentierte am Montag sein neues Spitzenmodell. Herzstück des Mate 90 Pro ist der Kirin 9050, die Hauptkamera löst mit 200 Megapixeln auf. Los geht es bei 6499 Yuan.",
    ),
    (
        "mate-update",
        7,
        "Huawei Mate 90 Pro: Erstes Update behebt Fehler der Kamera",
        "Für das Mate 90 Pro verteilt Huawei eine Aktualisierung. Sie beseitigt einen Absturz der Kamera und bringt den Sicherheitspatch vom Januar.",
    ),
    (
        "mate-update",
        8,
        "Kamera-Absturz gelöst: Patch für das Mate 90 Pro erschienen",
        "Besitzer des Mate 90 Pro erhalten eine neue Firmware. Mit ihr stürzt die Kamera-App nicht mehr ab, außerdem ist der Januar-Patch enthalten.",
    ),
    (
        "mate-teardown",
        9,
        "Mate 90 Pro zerlegt: So viel China steckt in Huaweis Handy",
        "Bastler haben das Mate 90 Pro auseinandergenommen. Fast alle Bauteile stammen aus China, selbst der Speicher kommt von einem heimischen Hersteller.",
    ),
    (
        "mate-teardown",
        10,
        "Teardown: Huaweis Mate 90 Pro kommt fast ohne fremde Bauteile aus",
        "Ein Blick ins Innere des Mate 90 Pro zeigt heimische Komponenten, wohin man schaut. Auch der Speicherchip ist nicht mehr aus Südkorea.",
    ),
    (
        "5g-ban",
        6,
        "Innenministerium will Huawei bis 2029 aus Mobilfunknetzen verbannen",
        "Das Innenministerium plant, Technik von Huawei in deutschen 5G-Netzen bis 2029 zu untersagen. Die Netzbetreiber warnen vor Kosten in Milliardenhöhe.",
    ),
    (
        "5g-ban",
        6,
        "5G-Netze: Huawei-Verbot soll ab 2029 gelten",
        "In deutschen Mobilfunknetzen soll ab 2029 keine Huawei-Technik mehr stecken, heißt es aus dem Innenministerium. Betreiber fürchten Milliardenkosten.",
    ),
    (
        "5g-lawsuit",
        12,
        "Huawei klagt in Brüssel gegen Ausschluss von Förderung",
        "Der Konzern zieht vor das Gericht der Europäischen Union. Huawei will wieder an Forschungsprojekten der EU teilnehmen dürfen.",
    ),
    (
        "5g-lawsuit",
        13,
        "EU-Gericht: Huawei wehrt sich gegen Aus bei Forschungsgeldern",
        "Huawei hat Klage eingereicht, weil der Konzern bei Forschungsprojekten der EU außen vor bleibt. Verhandelt wird vor dem Gericht in Luxemburg.",
    ),
    (
        "watch-deal",
        7,
        "Schnäppchen: Huawei Watch GT 6 heute für 179 Euro",
        "Bei einem Händler gibt es die Watch GT 6 nur heute für 179 Euro. Der Vergleichspreis liegt bei 219 Euro.",
    ),
    (
        "watch-test",
        8,
        "Huawei Watch GT 6 im Test: Zwei Wochen ohne Ladegerät",
        "Wir haben die Watch GT 6 am Handgelenk getragen. Der Akku hält tatsächlich zwei Wochen, die Pulsmessung überzeugt, Apps fehlen.",
    ),
    (
        "watch-ecg",
        9,
        "Watch GT 6: EKG-Funktion startet in Deutschland",
        "Nach der Zulassung schaltet Huawei das EKG der Watch GT 6 auch hierzulande frei. Nötig ist die neueste Fassung der Health-App.",
    ),
    (
        "watch-ecg",
        9,
        "Huawei schaltet EKG auf der Watch GT 6 für deutsche Nutzer frei",
        "Die Smartwatch misst ab sofort auch in Deutschland ein EKG. Voraussetzung für die Watch GT 6 ist die aktuelle Health-App.",
    ),
    (
        "harmony",
        11,
        "HarmonyOS 6 läuft auf 40 Millionen Geräten",
        "Huawei meldet einen Meilenstein: HarmonyOS 6 ist auf mehr als 40 Millionen Geräten installiert. Bis Jahresende sollen es 100 Millionen sein.",
    ),
    (
        "harmony",
        12,
        "40 Millionen Geräte: HarmonyOS 6 wächst schneller als gedacht",
        "Das eigene Betriebssystem kommt an. Auf 40 Millionen Geräten läuft HarmonyOS 6 inzwischen, 100 Millionen sind das Ziel für dieses Jahr.",
    ),
    (
        "harmony-pc",
        12,
        "HarmonyOS 6 für PCs: Huawei zeigt erste Notebooks ohne Windows",
        "Die ersten Notebooks mit HarmonyOS sind da. Statt Windows startet auf dem MateBook Fold das eigene System, Programme gibt es noch wenige.",
    ),
    (
        "profit",
        14,
        "Huawei steigert Umsatz um 9 Prozent",
        "Im vergangenen Jahr setzte Huawei 880 Milliarden Yuan um, neun Prozent mehr. Der Gewinn sank wegen hoher Ausgaben für Forschung.",
    ),
    (
        "profit",
        15,
        "Mehr Umsatz, weniger Gewinn: Huawei legt Zahlen vor",
        "Huawei hat 2025 rund 880 Milliarden Yuan erlöst. Weil der Konzern viel in Forschung steckt, ging der Gewinn zurück.",
    ),
    (
        "buds",
        13,
        "FreeBuds 8 im Angebot: Kopfhörer kosten nur 99 Euro",
        "Die FreeBuds 8 von Huawei sind auf 99 Euro gefallen. So günstig waren die Kopfhörer mit Geräuschunterdrückung noch nie.",
    ),
    (
        "buds-launch",
        6,
        "Huawei FreeBuds 8 vorgestellt: Kopfhörer mit Lossless-Ton",
        "Mit den FreeBuds 8 bringt Huawei neue In-Ears auf den Markt. Sie übertragen Musik verlustfrei und kosten 149 Euro.",
    ),
    (
        "buds-launch",
        7,
        "Verlustfreier Klang: Das können Huaweis neue FreeBuds 8",
        "Huawei hat die FreeBuds 8 angekündigt. Die In-Ears spielen Musik verlustfrei ab; die unverbindliche Preisempfehlung liegt bei 149 Euro.",
    ),
]

HELD_OUT: list[Labelled] = [
    (
        "pura-launch",
        5,
        "Pura 90 Ultra: Huawei enthüllt Kamera-Handy mit Zoll-Sensor",
        "Huawei hat in Peking das Pura 90 Ultra enthüllt. Der Sensor der Hauptkamera misst einen Zoll, das Objektiv fährt aus. Preis: ab 7999 Yuan.",
    ),
    (
        "pura-launch",
        6,
        "Huawei zeigt Pura 90 Ultra mit ausfahrbarem Objektiv",
        "Das neue Pura 90 Ultra ist offiziell. Eine Kamera mit ein Zoll großem Sensor und ausfahrendem Objektiv soll Fotografen locken. In China werden 7999 Yuan fällig.",
    ),
    (
        "pura-europe",
        9,
        "Pura 90 Ultra kommt nach Deutschland: Preis und Termin",
        "Im Februar beginnt der Verkauf des Pura 90 Ultra hierzulande. Huawei verlangt 1499 Euro, Vorbesteller erhalten eine Uhr dazu.",
    ),
    (
        "pura-europe",
        10,
        "Huawei verkauft das Pura 90 Ultra ab Februar in Deutschland",
        "Für 1499 Euro steht das Pura 90 Ultra ab Februar in deutschen Läden. Wer vorbestellt, bekommt eine Uhr gratis.",
    ),
    (
        "pura-test",
        13,
        "Huawei Pura 90 Ultra im Test: Diese Kamera macht süchtig",
        "Im Alltag überzeugt das Pura 90 Ultra mit Fotos bei Nacht. Schwächen zeigt es bei Apps, da Dienste von Google fehlen.",
    ),
    (
        "pura-update",
        14,
        "Pura 90 Ultra: Update verbessert Nachtmodus",
        "Eine neue Firmware für das Pura 90 Ultra ist da. Sie beschleunigt den Nachtmodus und bringt den Sicherheitspatch vom Januar.",
    ),
    (
        "pura-update",
        14,
        "Schnellerer Nachtmodus: Huawei verteilt Firmware fürs Pura 90 Ultra",
        "Besitzer des Pura 90 Ultra können eine Aktualisierung laden. Der Nachtmodus arbeitet damit flotter, der Januar-Patch ist auch dabei.",
    ),
    (
        "us-sanction",
        6,
        "USA verschärfen Sanktionen gegen Huawei",
        "Das Handelsministerium in Washington setzt 14 Zulieferer von Huawei auf die schwarze Liste. Sie dürfen keine Maschinen für Chips mehr beziehen.",
    ),
    (
        "us-sanction",
        7,
        "Schwarze Liste: Washington nimmt 14 Huawei-Zulieferer ins Visier",
        "Die USA haben 14 Firmen sanktioniert, die Huawei beliefern. Maschinen zur Herstellung von Chips darf ihnen niemand mehr verkaufen.",
    ),
    (
        "us-trial",
        12,
        "Prozess gegen Huawei in New York beginnt im Mai",
        "Ein Bundesgericht in Brooklyn hat den Termin festgelegt: Am 4. Mai muss sich Huawei wegen Betrugs an Banken verantworten.",
    ),
    (
        "us-trial",
        12,
        "Betrugsvorwurf: Huawei steht ab Mai in Brooklyn vor Gericht",
        "Der Termin steht. Wegen mutmaßlichen Bankbetrugs verhandelt ein Bundesgericht in Brooklyn ab dem 4. Mai gegen Huawei.",
    ),
    (
        "matepad-deal",
        8,
        "MatePad 12 X zum Bestpreis: Nur 429 Euro mit Tastatur",
        "Das MatePad 12 X ist samt Tastatur für 429 Euro zu haben. Günstiger gab es das Tablet bisher nicht.",
    ),
    (
        "matepad-launch",
        5,
        "Huawei MatePad 12 X (2026): Mattes Tablet mit längerer Laufzeit",
        "Huawei legt das MatePad 12 X neu auf. Das matte Display bleibt, der Akku wächst auf 10.500 mAh. Im Handel kostet es 549 Euro.",
    ),
    (
        "matepad-launch",
        6,
        "Neuauflage des MatePad 12 X mit 10.500-mAh-Akku vorgestellt",
        "Mit größerem Akku schickt Huawei das MatePad 12 X ins Jahr 2026. Für 549 Euro gibt es weiterhin das matte Display, nun mit 10.500 mAh.",
    ),
    (
        "harmony-stop",
        11,
        "Huawei stoppt Verteilung von HarmonyOS 6.1",
        "Nach Berichten über leere Akkus hat Huawei HarmonyOS 6.1 zurückgezogen. Betroffen sind vor allem Geräte der Reihe Nova.",
    ),
    (
        "harmony-stop",
        11,
        "Akku leer nach Update: HarmonyOS 6.1 vorerst zurückgezogen",
        "Huawei liefert HarmonyOS 6.1 nicht weiter aus. Auf Handys der Reihe Nova leerte sich der Akku zu schnell.",
    ),
    (
        "harmony-beta",
        15,
        "HarmonyOS 7: Betaversion erscheint im Juni",
        "Auf einer Konferenz für Entwickler hat Huawei den Fahrplan genannt. Die Beta von HarmonyOS 7 soll im Juni starten.",
    ),
    (
        "car",
        9,
        "Luxeed R8: Huaweis Elektroauto fährt 900 Kilometer weit",
        "Huawei und Chery haben den Luxeed R8 gezeigt. Der elektrische Geländewagen schafft mit einer Ladung 900 Kilometer.",
    ),
    (
        "car",
        10,
        "900 Kilometer Reichweite: Chery und Huawei zeigen E-SUV Luxeed R8",
        "Mit dem Luxeed R8 bringen Chery und Huawei ein elektrisches SUV. Die Reichweite soll bei 900 Kilometern liegen.",
    ),
    (
        "car-recall",
        15,
        "Rückruf: Luxeed R8 muss wegen Bremsen in die Werkstatt",
        "Chery ruft 12.000 Wagen zurück. Beim Luxeed R8 kann die Bremskraft nachlassen, ein neues Steuergerät hilft.",
    ),
    (
        "chip",
        13,
        "Huawei kündigt KI-Chip Ascend 960 an",
        "Der Ascend 960 soll doppelt so schnell rechnen wie sein Vorgänger. Huawei will Nvidia in China damit Kunden abnehmen.",
    ),
    (
        "chip",
        14,
        "Ascend 960: Huaweis Angriff auf Nvidia ist doppelt so schnell",
        "Gegen Nvidia tritt Huawei mit dem Ascend 960 an. Im Vergleich zum Vorgänger verdoppelt sich die Leistung des KI-Chips.",
    ),
    (
        "munich",
        8,
        "Huawei eröffnet neues Forschungszentrum in München",
        "In München arbeiten künftig 400 Forscher für Huawei. Das Zentrum kostete 120 Millionen Euro.",
    ),
    (
        "munich",
        8,
        "120 Millionen Euro: Huawei baut Forschung in München aus",
        "Ein Zentrum mit 400 Arbeitsplätzen für Forscher hat Huawei in München eröffnet. Der Konzern steckte 120 Millionen Euro hinein.",
    ),
]
