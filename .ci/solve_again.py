"""Solve a sample of the exported obligations with cvc4, a solver that this project does not use.

Fails where cvc4 contradicts what an obligation is said to be, or decides too few of them for its
silence to mean anything.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from proofs import claims
from proofs.systems import by_default
from verify.run.export import export

#: Seconds for one obligation, and the share of them that is to be decided.
SECONDS, SHARE = 5, 0.6


def answer(path: Path) -> tuple[Path, str, str]:
    """Return what an obligation is said to be and what cvc4 says of it."""
    content = path.read_text(encoding="utf-8")
    (said,) = re.findall(r"\(set-info :status (\w+)\)\n", content)
    # Without the line, for cvc4 compares its answer with it and ends when they differ.
    asked = content.replace(f"(set-info :status {said})\n", "")
    done = subprocess.run(
        ["cvc4", "--lang=smt2", f"--tlimit={1000 * SECONDS}"],
        input=asked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    word = done.stdout.partition("\n")[0].strip()
    return path, said, word if word in ("sat", "unsat") else "undecided"


def main() -> int:
    """Return 0 if cvc4 agrees wherever it decides, and decides enough."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sample", metavar="N", type=int, default=120)
    parser.add_argument("--seed", metavar="N", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        every = export(claims().values(), by_default(), Path(folder))
        chosen = random.Random(options.seed).sample(every, min(options.sample, len(every)))
        found = list(pool.map(answer, chosen))
    wrong = [
        f"{path.name}: said to be {said}, {word} by cvc4"
        for path, said, word in found
        if "undecided" != word != said != "unknown"
    ]
    counts = Counter("undecided" if word == "undecided" else "decided" for *_, word in found)
    print(f"{len(found)} of {len(every)} obligations, seed {options.seed}: {dict(counts)}")
    print("\n".join(wrong) or "cvc4 contradicts none of them")
    return int(bool(wrong) or counts["decided"] < SHARE * len(found))


if __name__ == "__main__":
    sys.exit(main())
