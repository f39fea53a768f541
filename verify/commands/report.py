"""``verify report``: the site of everything, which stands alone."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.commands.options import Commands, UsageError, add_jobs, whole_number
from verify.commands.output import refuse_pages, written

if TYPE_CHECKING:
    from verify.run.report import RunReport

DESCRIPTION = """\
Write a site that stands alone: the matrix with a page for each claim, numbers by hand, the planes
of pairs, windows, networks, the chapter, the poolings, guides and the reference.

It asks no server and no foreign address for anything: open FOLDER/index.html, or copy FOLDER to any
static host.
"""


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "report",
        help="write a site that stands alone: the matrix, every claim, playgrounds, guides",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="FOLDER", help="where to write it; made if need be")
    parser.add_argument(
        "--from",
        dest="report",
        metavar="FILE",
        help="show what `all --json FILE` found, instead of checking everything now",
    )
    parser.add_argument(
        "--solver",
        metavar="DIR",
        help="copy Z3 for browsers into the site, so that readers can check a cell: the unpacked "
        "npm package z3-solver",
    )
    add_jobs(parser)
    parser.add_argument(
        "--seed",
        metavar="N",
        type=whole_number,
        default=0,
        help="seed of every random choice (default: 0)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    refuse_pages(options.folder)
    solver = _solver(options.solver)
    report = _read(options.report) if options.report else _checked(options)
    from verify.display.progress import progress
    from verify.site.build import PARTS, build

    with written(options.folder) as folder, progress(len(PARTS), counted=True) as advance:
        site = build(folder, report, lambda part: advance(part, 1), solver=solver)
    print(f"{len(site.pages)} pages: {folder / 'index.html'}")
    return int(report["exit_code"])


def _solver(folder: str | None) -> Path | None:
    """Return the folder that holds Z3 for browsers."""
    if folder is None:
        return None
    for place in (Path(folder), Path(folder) / "build", Path(folder) / "package" / "build"):
        if (place / "z3-built.js").is_file() and (place / "z3-built.wasm").is_file():
            return place
    raise UsageError(f"--solver: no build/z3-built.js and build/z3-built.wasm in {folder}")


#: What the site shows of every entry of a report.
_FIELDS = {
    "cells": {"claim", "system", "verdict", "ok", "seconds", "parts", "counterexample"},
    "mutants": {"claim", "mutant", "statement", "system", "killed_by", "ok", "counterexample"},
}


def _read(file: str) -> dict[str, Any]:
    from verify.display.report import SCHEMA

    try:
        report = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--from {file}: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise UsageError(f"--from {file}: it is no JSON") from None
    if not isinstance(report, dict) or not all(
        isinstance(report.get(entries), list) and all(isinstance(e, dict) for e in report[entries])
        for entries in _FIELDS
    ):
        raise UsageError(f"--from {file}: it is not what `all --json` writes")
    if report.get("schema") != SCHEMA:
        raise UsageError(f"--from {file}: schema must be {SCHEMA}, got {report.get('schema')}")
    if stranger := _stranger(report):
        raise UsageError(f"--from {file}: it is of another version, for here is no {stranger}")
    if not report["cells"]:
        raise UsageError(f"--from {file}: it has no cells: nothing was checked")
    for entries, fields in _FIELDS.items():
        if not all(fields <= {*entry} for entry in report[entries]):
            raise UsageError(f"--from {file}: {entries} must have {', '.join(sorted(fields))} each")
    return report


def _stranger(report: dict[str, Any]) -> str:
    """Return a claim, number system or word of a report that this version does not know."""
    from proofs import claims
    from proofs.systems import SYSTEMS
    from proofs.verdict import Verdict

    entries = [*report["cells"], *report["mutants"]]
    for what, key, known in (
        ("claim", "claim", set(claims())),
        ("number system", "system", set(SYSTEMS)),
        ("verdict", "verdict", {str(verdict) for verdict in Verdict}),
    ):
        for entry in entries:
            if entry.get(key) and entry[key] not in known:
                return f"{what} {entry[key]}"
    return ""


def _checked(options: argparse.Namespace) -> dict[str, Any]:
    from proofs import claims
    from verify.commands.checking import checked
    from verify.display.report import to_dict

    everything = argparse.Namespace(
        command="report",
        system=None,
        engine=None,
        require=None,
        timeout=None,
        thorough=False,
        jobs=options.jobs,
        seed=options.seed,
    )
    report: RunReport = checked(everything, claims(), cells=True, mutants=True)
    return to_dict(report)
