"""What in an address is somebody's own: neither stored nor shown."""

import re
from typing import Final

# Parameters that tell who reads, not what: a page is the same page without them.
_NAMES: Final = (
    # Sessions (OWASP, Session Management Cheat Sheet, "Session ID Name Fingerprinting").
    r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|s?sid",
    r"sess(?:ion)?[_-]?(?:id|key|token)?",
    # Persons, their passwords and keys (RFC 9110, section 17.9: they do not belong into a URI).
    r"(?:user|reader)?[_-]?e?[_-]?mail(?:[_-]?(?:address|adresse|id|hash))?|recipient(?:[_-]?id)?",
    r"subscriber(?:[_-]?(?:id|hash))?|phone|telefon(?:nummer)?|vorname|nachname|geburtsdatum",
    r"passwor[dt]|passwd|pwd|secret|api[_-]?key|oauth_\w+",
    r"(?:access|auth|csrf|id|login|refresh|reset|session|user)[_-]?token",
    # Readers of a newsletter (Firefox's query stripping list; the global rules of ClearURLs).
    r"__s|_hs(?:enc|mi)|__hs(?:fp|sc|tc)|hsctatracking|mkt_tok|ml_subscriber(?:_hash)?",
    r"oly_(?:anon|enc)_id|rb_clickid|vero_conv|wickedid|unlocked_article_code",
)
_NAME: Final = re.compile("|".join(_NAMES), re.IGNORECASE)
# An e-mail address, but no picture such as logo@2x.png.
_MAIL: Final = re.compile(
    r"[^@\s]+@[^@\s]+\.(?!(?:avif|gif|jpe?g|png|svg|webp)$)[a-z]{2,}", re.IGNORECASE
)
_PATH_SESSION: Final = re.compile(r";(?:phpsessid|jsessionid|sid)=[^/;]*", re.IGNORECASE)

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/?#\s@]*@")
_SHOWN_NAME: Final = re.compile(rf"(?<=[?&;])({'|'.join(_NAMES)})=[^&#;\s\"'<>]*", re.IGNORECASE)
_SHOWN_MAIL: Final = re.compile(r"(?<=[?&;])([\w.%-]+)=[^&#;\s\"'<>@]*(?:@|%40)[^&#;\s\"'<>]*")
# As Python shows a dictionary of settings.
_SETTING: Final = re.compile(
    r"('\w*(?:PASSWORD|PASSWD|SECRET|TOKEN|ACCESS_KEY|API_?KEY|ALARMS_TO)\w*': )"
    r"('[^'\n]*'|\"[^\"\n]*\")",
    re.IGNORECASE,
)


def is_private(name: str, value: str) -> bool:
    """Whether a parameter of a query, decoded, tells of a reader: by its name, or being an e-mail
    address."""
    return bool(_NAME.fullmatch(name) or ("@" in value and _MAIL.fullmatch(value)))


def without_session(path: str) -> str:
    """The path of an address without the session that some servers write behind a semicolon."""
    return _PATH_SESSION.sub("", path) if ";" in path else path


def discreet(text: str) -> str:
    """A line for people to read, with *** for credentials, private parameters of the addresses in
    it, and the values of settings that are secrets."""
    if "=" in text:
        text = _SHOWN_MAIL.sub(r"\1=***", _SHOWN_NAME.sub(r"\1=***", text))
    return _SETTING.sub(r"\1'***'", _CREDENTIALS.sub("***@", text))
