"""Run every measurement in this folder, one after the other: `make bench`."""

import subprocess
import sys
from pathlib import Path

OURS = {"__init__", "__main__", "comparison"}


def main(flags: list[str]) -> int:
    """Exit 1 if any of them did, after all have run."""
    worst = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in OURS:
            print(f"== {path.stem}", flush=True)
            done = subprocess.run([sys.executable, path, *flags], check=False)
            worst = max(worst, min(done.returncode, 1))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
