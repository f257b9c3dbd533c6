"""Looks for inputs that break a promise of `tests.fuzzing`: `make fuzz SECONDS=60`.

A coverage-guided fuzzer (atheris, on libFuzzer) begins with sound pages and changes them where
that reaches code not reached so far. What it finds it leaves in `tests/fuzzed/`, and ends with an
exit code other than 0; the tests replay everything there.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["crawler", "tests.fuzzing"]):
    from tests.fuzzing import check, seeds

ROOT = Path(__file__).parent.parent
SLOW = 20  # seconds for one input count as hanging
MOST_BYTES = 20_000


def main(seconds: int) -> None:
    """Fuzzes for so many seconds; does not return."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds(ROOT)):
            (Path(folder) / str(number)).write_bytes(seed)
        told = {
            "max_total_time": seconds,
            "max_len": MOST_BYTES,
            "timeout": SLOW,
            "artifact_prefix": f"{ROOT}/tests/fuzzed/",
            "print_final_stats": 1,
            "verbosity": 1,
        }
        options = [f"-{name}={value}" for name, value in told.items()]
        atheris.Setup([sys.argv[0], *options, folder], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]))
