"""An archive that was cut off: whole records stay, wherever the cut is."""

import gzip
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive import archive_files, recover
from crawler.archive.files import folder, whole_members
from crawler.feed import next_start
from tests.archive.test_writing import NOW

START = "2026-01-31T120000.000Z"
members = st.lists(st.binary(max_size=300).map(gzip.compress), max_size=4)


def left(output: Path, content: bytes) -> Path:
    """What a killed run left of its archive."""
    place = folder(output, "winfuture")
    place.mkdir(parents=True, exist_ok=True)
    path = place / f".{START}.warc.gz.part"
    path.write_bytes(content)
    return path


@settings(deadline=None)
@given(whole=members, cut=st.binary(min_size=1, max_size=300), share=st.floats(0, 1))
def test_a_cut_anywhere_leaves_what_is_whole(
    whole: list[bytes], cut: bytes, share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = b"".join(whole)
    torn = gzip.compress(cut)
    torn = torn[: int(share * (len(torn) - 1))]
    path = left(tmp_path_factory.mktemp("cut"), content + torn)
    assert whole_members(path) == len(content)


@given(content=st.binary(max_size=200))
def test_what_is_no_gzip_file_holds_nothing_whole(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = left(tmp_path_factory.mktemp("none"), b"\0" + content)
    assert whole_members(path) == 0


def test_a_bomb_is_passed_through_in_pieces(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(300 * 2**20), wbits=31)
    path = left(tmp_path, bomb + bomb[:-1])
    assert whole_members(path) == len(bomb)


def test_zeros_that_power_loss_left_are_cut_off(tmp_path: Path) -> None:
    member = gzip.compress(b"a record")
    left(tmp_path, member * 2 + bytes(4096) + member)
    recover(tmp_path, "winfuture")
    (path,) = archive_files(tmp_path, "winfuture")
    assert path.name == f"{START}.warc.gz"
    assert path.read_bytes() == member * 2


def test_an_archive_without_a_whole_record_is_removed(tmp_path: Path) -> None:
    path = left(tmp_path, gzip.compress(b"a record")[:-1])
    recover(tmp_path, "winfuture")
    assert not path.exists()
    assert archive_files(tmp_path, "winfuture") == []


def test_recovery_can_be_called_again_and_where_there_is_nothing(tmp_path: Path) -> None:
    recover(tmp_path, "winfuture")
    left(tmp_path, gzip.compress(b"a record"))
    for _ in range(2):
        recover(tmp_path, "winfuture")
    assert len(os.listdir(folder(tmp_path, "winfuture"))) == 1  # noqa: PTH208 - hidden ones, too


@pytest.mark.parametrize("name", [".{}.warc.gz.part", "{}.warc.gz", "{}_0002.warc.gz"])
def test_names_are_not_used_twice_where_a_run_left_an_archive_alone(
    name: str, tmp_path: Path
) -> None:
    place = folder(tmp_path, "winfuture")
    place.mkdir(parents=True)
    (place / name.format(START)).touch()
    assert next_start(tmp_path, "winfuture", NOW) == "2026-01-31T120000.001Z"
