"""The short form of `make chaos`: kills at every kind of moment, and a complete feed after."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.replica import running
from tests.chaos import Chaos
from tests.killed import MOMENTS


@pytest.fixture(scope="module")
def replica() -> Iterator[str]:
    with running(40, latency_ms=5) as address:
        yield address


def test_a_feed_survives_kills_and_damage(replica: str, tmp_path: Path) -> None:
    chaos = Chaos(replica, "mobiflip", tmp_path, random.Random())
    chaos.undisturbed()
    assert len(chaos.expected) == 40
    assert chaos.round(1, most_kills=4) <= 4


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_a_moment_loses_and_doubles_nothing(
    moment: str, replica: str, tmp_path: Path
) -> None:
    chaos = Chaos(replica, "mobiflip", tmp_path, random.Random())
    chaos.undisturbed()
    output = tmp_path / "output"
    if moment in {"recovery", "catch-up"}:  # these need something to recover
        assert chaos.killed_at("write", 9, output)
    assert chaos.killed_at(moment, 4, output)
    chaos.check(output)
    chaos.finish(output)
