"""Where archive files lie, what they are called, and what is kept of one that was cut off."""

import logging
import os
import zlib
from pathlib import Path
from typing import Final

from crawler.feed import ARCHIVE, complete, detach, partial

logger = logging.getLogger(__name__)

SUFFIX: Final = ".warc.gz"
_PIECE: Final = 2**20  # bytes, of a file and of what comes out of it, at a time
_GZIP: Final = zlib.MAX_WBITS | 16


def folder(output_dir: Path, site: str) -> Path:
    """Where the archive files of a site lie."""
    return output_dir / ARCHIVE / site


def file_name(start: str, part: int = 1) -> str:
    """The name of a run's n-th archive file, as feed files are called."""
    return f"{start}{SUFFIX}" if part == 1 else f"{start}_{part:04d}{SUFFIX}"


def archive_files(output_dir: Path, site: str) -> list[Path]:
    """The complete archive files of a site, in the order of the runs."""
    return sorted(folder(output_dir, site).glob(f"[!.]*{SUFFIX}"))


def as_it_stands(path: Path) -> Path:
    """The file that holds the records of an archive file, which a run may still be writing."""
    beside = partial(path)
    return beside if not path.exists() and beside.exists() else path


def recover(output_dir: Path, site: str, *, is_open: bool = False) -> None:
    """Completes the archive that a killed run left. Only who holds the site may call it.

    Whole records are kept; what a kill cut off is no evidence of anything. Killed in between, it
    can be called again. is_open: as of feed files. Raises OSError.
    """
    for left in sorted(folder(output_dir, site).glob(f".*{SUFFIX}.part")):
        if is_open:
            detach(left)
        final = left.with_name(left.name[1 : -len(".part")])
        if whole := whole_members(left):
            os.truncate(left, whole)
            complete(final)
            logger.warning("Recovered %s from a run that was killed", final)
        else:
            left.unlink()


def whole_members(path: Path) -> int:
    """How many leading bytes are whole gzip members (RFC 1952), checksums included."""
    whole = read = 0
    unpacker = zlib.decompressobj(_GZIP)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            read += len(piece)
            while piece:
                try:
                    unpacker.decompress(piece, _PIECE)
                except zlib.error:
                    return whole
                piece = unpacker.unconsumed_tail
                if unpacker.eof:
                    piece = unpacker.unused_data
                    whole = read - len(piece)
                    unpacker = zlib.decompressobj(_GZIP)
    return whole
