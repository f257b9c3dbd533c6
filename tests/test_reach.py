"""Whom a run may ask: addresses, hosts, names, certificates."""

import json
import re
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from crawler.reach import is_public, refusal
from crawler.reach.connecting import PublicResolver
from tests.conftest import Finished, records, scrapy
from tests.names import Unchecked
from tests.raw_server import RawServer, answer, serving
from tests.test_crawl import article

# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200"),
        *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1"),
        *("172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
        *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
        *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *(
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "fe80::1",
            "fe80::1%lo",
        ),
        *("fe80::1%lo", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1", "2001:db8::1"),
        *("2001::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "3fff::1", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808", "5f00::1", "4000::1"),
        *("", "winfuture.de", "127.1", "2130706433", "0x7f000001", "1.2.3.4.5"),
    ],
)
def test_what_is_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1"),
        *("168.63.129.15", "192.0.1.1", "223.255.255.255", "2a01:4f8::1", "2606:4700::1111"),
        *("2001:4860:4860::8888", "64:ff9b::808:808"),
    ],
)
def test_what_is_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.ip_addresses(v=6)))
def test_nothing_is_public_that_the_standard_library_holds_for_private(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(str(address)) and not str(address).startswith("64:ff9b::"):
        assert ip_address(str(address)).is_global


# --- hosts --------------------------------------------------------------------------------------

HOSTS = frozenset({"winfuture.de", "static.winfuture.de"})


@pytest.mark.parametrize(
    "url",
    [
        *("https://winfuture.de/news,1.html", "http://winfuture.de/", "https://winfuture.de"),
        *("HTTPS://WINFUTURE.DE/x", "https://winfuture.de:443/x", "http://winfuture.de:80/x"),
        *("https://static.winfuture.de/x?https://evil.example/", "https://winfuture.de?x"),
    ],
)
def test_the_sites_own_hosts_may_be_asked(url: str) -> None:
    assert refusal(url, HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        *("https://evil.example/winfuture.de", "https://winfuture.de.evil.example/"),
        *("https://xwinfuture.de/", "https://sub.winfuture.de/", "https://winfuture.de./"),
        *("https://winfuture.de:80/", "http://winfuture.de:443/", "https://winfuture.de:22/"),
        *(
            "https://anna@winfuture.de/",
            "https://anna:geheim@winfuture.de/",
            "https://:@winfuture.de",
        ),
        *("https://winfuture.de@evil.example/", "https://winfuture.de\\@evil.example/"),
        *("https://winfuture.de%2eevil.example/", "https:///winfuture.de/", "//winfuture.de/"),
        *("file:///etc/passwd", "file://winfuture.de/x", "ftp://winfuture.de/", "data:text/html,x"),
        *(
            "javascript:alert(1)",
            "s3://winfuture.de/x",
            "gopher://winfuture.de/",
            "",
            "https://[::1",
        ),
        *("http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "http://2130706433/"),
    ],
)
def test_nobody_else_may_be_asked(url: str) -> None:
    assert refusal(url, HOSTS)


@given(
    st.text(), st.sampled_from(["", "https://", "https://winfuture.de", "http://winfuture.de:80"])
)
def test_a_refusal_never_fails_and_tells_no_secret(rest: str, start: str) -> None:
    assert "geheim" not in (refusal(f"{start}{rest}?email=geheim", HOSTS) or "")


# --- names --------------------------------------------------------------------------------------


class Heard:
    """What a resolver said of a name."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.is_complete = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - Twisted's
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's
        self.is_complete = True


def resolver(names: dict[str, Any]) -> PublicResolver:
    return PublicResolver(SimpleNamespace(nameResolver=Unchecked(names)), 0)  # type: ignore[arg-type]


def asked(of: PublicResolver, name: str) -> list[str]:
    heard = Heard()
    of.resolveHostName(heard, name, 443)
    assert heard.is_complete
    return heard.addresses


def test_a_name_leads_to_its_public_addresses_only() -> None:
    mixed = [["10.0.0.1", 0], ["1.1.1.1", 0], ["::1", 0], ["2606:4700::1111", 0]]
    names = resolver({"example.org": [mixed]})
    assert asked(names, "example.org") == ["1.1.1.1", "2606:4700::1111"]
    assert names.refused == {}


def test_a_name_that_is_bound_anew_is_looked_at_anew() -> None:
    names = resolver({"example.org": [[["1.1.1.1", 0]], [["127.0.0.1", 0]], [["1.1.1.1", 0]]]})
    assert asked(names, "example.org") == ["1.1.1.1"]
    assert asked(names, "example.org") == []
    assert names.refused == {"example.org": "127.0.0.1"}
    assert asked(names, "example.org") == ["1.1.1.1"]
    assert names.refused == {}


def test_what_is_remembered_of_a_name_is_looked_at_like_any_other() -> None:
    names = PublicResolver(
        SimpleNamespace(nameResolver=Unchecked({"example.net": [[["10.0.0.1", 0]]]})),  # type: ignore[arg-type]
        9,
    )
    assert [asked(names, "example.net") for _ in range(3)] == [[], [], []]


def test_a_proxy_that_the_environment_names_may_be_one_of_our_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://anna:geheim@proxy.example:3128")
    names = resolver({"proxy.example": [[["10.0.0.1", 0]]], "example.org": [[["10.0.0.1", 0]]]})
    assert asked(names, "proxy.example") == ["10.0.0.1"]
    assert asked(names, "example.org") == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "[::1]"]
)
def test_this_machine_is_not_asked_in_whatever_notation(host: str) -> None:
    """With the system's own resolver, for a spider that is held to no hosts."""
    with serving({"/": answer("secret")}) as server:
        port = server.address.partition(":")[2]
        done = scrapy("fetch", f"http://{host}:{port}/", "-s", "RETRY_TIMES=0")
    assert "OutOfReachError" in done.err
    assert (done.out.strip(), server.requests) == ("", [])


Played = Callable[..., Finished]


@pytest.fixture
def played(output: Path, tmp_path: Path) -> Played:
    """Crawls WinFuture on the network itself, with the names of a test."""

    def run(kind: str, names: dict[str, Any], **variables: str) -> Finished:
        settings = {
            "TWISTED_DNS_RESOLVER": f"tests.names.{kind}",
            "NAMES": json.dumps(names),
            "NAMES_LOG": tmp_path / "names",
            "OUTPUT_DIR": output,
            "DOWNLOAD_DELAY": 0,
            "RETRY_TIMES": 0,
            "CONTACT": "https://example.org/tests",
        }
        told = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        return scrapy("crawl", "winfuture", *told, **variables)

    return run


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_site_whose_name_leads_inside_is_not_asked(
    address: str, played: Played, tmp_path: Path
) -> None:
    with serving({}) as server:
        port = int(server.address.partition(":")[2])
        done = played("Checked", {"winfuture.de": [[[address, port]]]})
    assert done.code == 1
    assert f"winfuture.de has the address {address}, which is not a public one" in done.last_line
    assert "Traceback" not in done.err
    assert server.requests == []
    assert set((tmp_path / "names").read_text().split()) == {"winfuture.de"}


def test_a_name_without_an_address_is_a_failure(played: Played) -> None:
    done = played("Checked", {})
    assert done.code == 1
    assert "the name winfuture.de cannot be resolved" in done.last_line
    assert "Traceback" not in done.err


def test_look_asks_no_machine_of_ours_either() -> None:
    told = ["-s", "RETRY_TIMES=0", "-s", "CONTACT=https://example.org/tests"]
    done = scrapy("look", "--site", "winfuture", "http://localhost/", *told)
    assert (done.code, done.out) == (1, "")
    assert re.search(
        r"^scrapy look: .*localhost has the address \S+, which is not a public one", done.err
    )


def test_a_proxy_gets_its_password_and_nobody_else_does(
    played: Played, output: Path, tmp_path: Path
) -> None:
    refused = answer("", status="403 Forbidden")
    with serving({"winfuture.de:443": refused}) as proxy:
        port = proxy.address.partition(":")[2]
        done = played(
            "Checked",
            {"proxy.example": [[["127.0.0.1", int(port)]]]},
            https_proxy=f"http://anna:geheim@proxy.example:{port}",
            no_proxy="",
        )
    assert done.code == 1
    assert "Could not open CONNECT tunnel" in done.last_line
    password = b64encode(b"anna:geheim").decode()
    assert {head.split()[0] for head in proxy.requests} == {"CONNECT"}
    assert all(f"Proxy-Authorization: Basic {password}" in head for head in proxy.requests)
    assert set((tmp_path / "names").read_text().split()) == {"proxy.example"}
    (report,) = (output / "runs").glob("*.json")
    for told in (done.err, report.read_text()):
        assert [secret for secret in ("geheim", password) if secret in told] == []


# --- certificates -------------------------------------------------------------------------------


class Authority:
    """Signs certificates; its own is in the file `path`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "authority.pem"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Authority of a test")])
        certificate = self.builder(self.name, self.key, (-1, 1)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.path.write_bytes(self.pem(certificate.sign(self.key, hashes.SHA256())))

    def builder(self, name: x509.Name, key: Any, days: tuple[int, int]) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return x509.CertificateBuilder(
            self.name,
            name,
            key.public_key(),
            x509.random_serial_number(),
            now + timedelta(days=days[0]),
            now + timedelta(days=days[1]),
        )

    @staticmethod
    def pem(certificate: x509.Certificate) -> bytes:
        return certificate.public_bytes(serialization.Encoding.PEM)

    def server(self, host: str, days: tuple[int, int], *, self_signed: bool) -> ssl.SSLContext:
        """A server's side of TLS for a host, valid between two days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        builder = self.builder(name, key, days).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
        )
        signed = builder.sign(key if self_signed else self.key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = self.folder / "server.pem"
        file.write_bytes(private + self.pem(signed))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


PAGES = {
    "/special/huawei/": answer('<a href="/news,156000.html">x</a>'),
    "/news,156000.html": answer(article("Verschlossen")),
}


def over_tls(
    played: Played, authority: Authority, context: ssl.SSLContext
) -> tuple[Any, RawServer]:
    with serving(PAGES, context) as server:
        port = int(server.address.partition(":")[2])
        names = {"winfuture.de": [[["127.0.0.1", port]]]}
        done = played("Unchecked", names, SSL_CERT_FILE=str(authority.path), no_proxy="*")
    return done, server


def test_a_certificate_that_holds_is_taken(
    played: Played, authority: Authority, output: Path
) -> None:
    done, _ = over_tls(
        played, authority, authority.server("winfuture.de", (-1, 1), self_signed=False)
    )
    assert done.code == 0, done.err
    assert [record["headline"] for record in records(output, "winfuture")] == ["Verschlossen"]


@pytest.mark.parametrize(
    ("host", "days", "self_signed", "said"),
    [
        ("winfuture.de", (-9, -1), False, "certificate verify failed"),
        ("winfuture.de", (1, 9), False, "certificate verify failed"),
        ("evil.example", (-1, 1), False, "the certificate is for another host"),
        ("winfuture.de", (-1, 1), True, "certificate verify failed"),
    ],
    ids=["expired", "not yet valid", "of another host", "self-signed"],
)
def test_a_certificate_that_does_not_hold_is_refused(
    host: str,
    days: tuple[int, int],
    self_signed: bool,
    said: str,
    played: Played,
    authority: Authority,
) -> None:
    done, server = over_tls(
        played, authority, authority.server(host, days, self_signed=self_signed)
    )
    assert done.code == 1
    assert said in done.last_line
    assert server.requests == [], "nothing is said to whom one does not know"
    assert "Traceback" not in done.err
