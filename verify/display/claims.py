"""What people see in a terminal: the matrix, failures, one claim's page, the table of mutants.

Every display is a view of the objects in :mod:`verify.run.report`. Words carry the meaning and
colour only repeats it, so a pipe, ``NO_COLOR`` and a screen reader lose nothing.
"""

import shlex
import textwrap
from collections.abc import Collection, Iterable, Mapping

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from proofs.claim import Claim
from proofs.notation import latex, text
from proofs.systems import SYSTEMS, by_default
from proofs.verdict import Verdict
from verify.display.layout import page_width, print_wrapped
from verify.engines.counterexample import Counterexample
from verify.names import program
from verify.run.report import CellReport, MutantReport, RunReport
from verify.subnormals import FLUSHED

STYLE = {
    Verdict.PROVED: "green",
    Verdict.PROVED_BOUNDED: "green",
    Verdict.EXHAUSTED: "green",
    Verdict.WITHIN: "green",
    Verdict.MEASURED: "cyan",
    Verdict.TESTED: "cyan",
    Verdict.PARTIAL: "cyan",
    Verdict.REFUTED: "yellow",
    Verdict.UNKNOWN: "bold magenta",
    Verdict.NOT_JUDGED: "bold magenta",
    Verdict.MISSING: "bold magenta",
    Verdict.SKIPPED: "bold magenta",
    Verdict.ERROR: "bold red",
}
#: One letter per verdict, for terminals too narrow for words.
LETTER = {
    Verdict.PROVED: "P",
    Verdict.PROVED_BOUNDED: "B",
    Verdict.EXHAUSTED: "X",
    Verdict.WITHIN: "W",
    Verdict.MEASURED: "M",
    Verdict.TESTED: "t",
    Verdict.PARTIAL: "p",
    Verdict.REFUTED: "R",
    Verdict.UNKNOWN: "?",
    Verdict.NOT_JUDGED: "n",
    Verdict.MISSING: "m",
    Verdict.SKIPPED: "s",
    Verdict.ERROR: "E",
}
#: What stands beside a verdict where something that the claim states elsewhere is false.
REFUTED_IN_PART = "refuted in part"
#: The columns for a claim's id beside those of all systems on a terminal of 80.
ROOM = 27
#: From this width on, the matrix is written in words.
WIDE = 190


def matrix(report: RunReport, width: int) -> Table:
    """Return claims × number systems, in words if ``width`` allows, else in letters."""
    wide = width >= WIDE
    systems = [name for name in SYSTEMS if any(cell.system == name for cell in report.cells)]
    cells = {(cell.claim, cell.system): cell for cell in report.cells}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("claim", no_wrap=True)
    for name in systems:
        head = name.replace("_", "\n_") if wide else SYSTEMS[name].column
        table.add_column(head, no_wrap=True, min_width=2)
    for claim in dict.fromkeys(cell.claim for cell in report.cells):
        row = [_matrix_cell(cells.get((claim, name)), wide) for name in systems]
        table.add_row("\n  ".join(in_pieces(claim)), *row)
    return table


def in_pieces(claim: str) -> list[str]:
    """Return the id of a claim, broken behind a hyphen if all systems would not fit beside it.

    >>> in_pieces("zero-padding-is-right-iff-non-negative")
    ['zero-padding-is-right-iff-', 'non-negative']
    """
    end = claim.rfind("-", 0, ROOM) + 1
    return [claim] if len(claim) <= ROOM or not end else [claim[:end], claim[end:]]


def _matrix_cell(cell: CellReport | None, wide: bool) -> Text:
    if cell is None:
        return Text("·", style="dim")
    word = str(cell.verdict).replace("_", "\n_") if wide else LETTER[cell.verdict]
    marks = list(dict.fromkeys(mark.word for mark in cell.marks))
    marks += [REFUTED_IN_PART] * cell.refuted_in_part
    # No mark is to widen a column.
    lines = [line for mark in marks for line in textwrap.wrap(mark, len("REFUTED"))]
    word += "".join(f"\n{line}" for line in lines) if wide else "".join(m[0] for m in marks)
    return Text(word if cell.ok else f"{word}!", style=STYLE[cell.verdict])


def legend(report: RunReport, width: int) -> str:
    """Return what the letters of the matrix stand for, empty if it is written in words."""
    used = [v for v in Verdict if any(cell.verdict is v for cell in report.cells)]
    marks = [*report.marks()]
    marks += [REFUTED_IN_PART] * any(cell.refuted_in_part for cell in report.cells)
    named = [f"{LETTER[v]} {v}" for v in used] + [f"{mark[0]} beside it {mark}" for mark in marks]
    words = "" if width >= WIDE else ", ".join(named) + ", "
    return f"{words}· not stated there" + (", ! not as expected" if report.failures() else "")


def rerun(cell: CellReport | MutantReport, seed: int) -> str:
    """Return the command that checks exactly this again."""
    command = "mutants" if isinstance(cell, MutantReport) else "all"
    # Every engine, for whoever asks again wants to know what each of them says.
    where = f" --system {cell.system} --thorough" if isinstance(cell, CellReport) else ""
    return f"{program()} {command} -k {shlex.quote(cell.claim)}{where} --seed {seed}"


def print_run(console: Console, report: RunReport) -> None:
    """Print the matrix, what went wrong, and the summary."""
    if report.cells:
        console.print(matrix(report, console.width))
        _print_listed(console, legend(report, console.width))
    for cell in report.failures():
        console.print()
        print_failure(console, cell, report.seed)
    for mutant in report.survivors():
        console.print()
        print_survivor(console, mutant, report.seed)
    print_summary(console, report)


def print_failure(console: Console, cell: CellReport, seed: int) -> None:
    """Print why a cell is not as expected, and how to check it again."""
    line = Text(f"{cell.claim} in {cell.system}: ", style="bold")
    line.append(str(cell.verdict), style=STYLE[cell.verdict])
    line.append(f", expected {cell.expected}")
    console.print(line)
    _print_evidence(console, cell)
    if cell.counterexample is not None:
        _print_counterexample(console, cell.counterexample)
    console.print(f"  again: {rerun(cell, seed)}", soft_wrap=True, highlight=False)


def print_survivor(console: Console, mutant: MutantReport, seed: int) -> None:
    """Print a false neighbour that was not refuted, or was taken for true."""
    console.print(Text(f"{mutant.claim}: mutant '{mutant.name}' survives", style="bold red"))
    why = mutant.trouble or (
        f"proved by {', '.join(mutant.proved_by)}: it is no false neighbour"
        if mutant.proved_by
        else f"missed by {', '.join(mutant.missed_by) or 'every engine'}"
    )
    console.print(f"  {why}", soft_wrap=True, highlight=False, markup=False)
    console.print(f"  again: {rerun(mutant, seed)}", soft_wrap=True, highlight=False)


def print_summary(console: Console, report: RunReport) -> None:
    """Print the counters, the engines, and what was missing."""
    console.print()
    if report.flushed:
        told = f"{FLUSHED}: what is not as expected is what that changes"
        console.print(Text(told, style="bold red"), soft_wrap=True)
    if report.interrupted:
        console.print(Text("interrupted: what follows is partial", style="bold red"))
    counters = ", ".join(f"{count} {word}" for word, count in report.counters().items())
    killed = sum(mutant.ok for mutant in report.mutants)
    count = len(report.cells)
    marks = ", ".join(f"{number} {mark}" for mark, number in report.marks().items())
    beside = f" ({marks})" if marks else ""
    parts = [f"{count} cell{'' if count == 1 else 's'}{beside}"] if count else []
    if report.mutants:
        parts.append(f"{killed} of {len(report.mutants)} mutants refuted")
    console.print(Text(f"{', '.join(parts) or 'nothing'}: {counters}", style="bold"))
    engines = ", ".join(f"{name} {version}" for name, version in report.engines.items())
    console.print(f"{engines}; seed {report.seed}; {report.seconds:.1f} s", soft_wrap=True,
                  highlight=False)  # fmt: skip
    if alone := report.alone():
        of = ", ".join(f"{name} {count}" for name, count in alone.items())
        console.print(f"proved by one engine alone: {sum(alone.values())} ({of})", soft_wrap=True,
                      highlight=False)  # fmt: skip
    if stored := report.stored():
        told = f"stored: {stored:,} answer{'' if stored == 1 else 's'} given before"
        if report.drawn_on:
            told += (
                f"; {len(report.asked_again())} more asked again, as {report.drawn_on} draws them"
            )
        console.print(told, soft_wrap=True, highlight=False)
    for name, why in report.missing.items():
        console.print(Text(f"not asked: {name}, {why}", style="bold magenta"))


def _print_evidence(console: Console, cell: CellReport) -> None:
    for part in cell.parts:
        if part.name or part.statement:
            head = " — ".join(x for x in (part.name, part.statement) if x)
            print_wrapped(console, head, "  ")
        for evidence in part.evidence:
            line = Text(f"    {evidence.engine:<12}")
            line.append(f"{evidence.verdict!s:<15}", style=STYLE[evidence.verdict])
            line.append(evidence.detail)
            if evidence.stored is not None:
                line.append(f"; stored {evidence.stored.date}", style="dim")
            elif evidence.asked_again:
                line.append("; stored before, asked again", style="dim")
            console.print(line, soft_wrap=True)
        if part.witness:
            met = ", ".join(f"{name} = {value}" for name, value in part.witness.items())
            console.print(Text(f"    {'premises':<12}met, as by {met}"), soft_wrap=True)
        if part.judged_in:
            console.print(Text(f"    {'variables':<12}{SYSTEMS[part.judged_in].title}"))
    for one in cell.left_out:
        head = " — ".join(x for x in (one.part.name, one.part.statement) if x)
        print_wrapped(console, f"{'missing' if one.missing else 'not stated here'}: {head}", "  ")
        line = Text(f"    {one.reason}")
        line.append("".join(f"; {e.engine} {e.verdict}" for e in one.part.evidence))
        if one.part.counterexample is not None:
            values = one.part.counterexample.assignment.items()
            line.append("; " + ", ".join(f"{name} = {value}" for name, value in values))
        console.print(line, soft_wrap=True)
    if cell.unstated:
        print_wrapped(console, f"missing: {cell.unstated}", "  ")
    for mark in cell.marks:
        print_wrapped(console, f"{mark.word}: {mark.what}", "  ")


def _print_counterexample(console: Console, found: Counterexample) -> None:
    values = ", ".join(f"{name} = {value}" for name, value in found.assignment.items())
    console.print(Text(f"    counterexample: {values}   ({found.replay})"), soft_wrap=True)
    longest = max((len(term) for term, _ in found.steps), default=0)
    for term, value in found.steps:
        console.print(Text(f"      {term:<{min(longest, 60)}}  {value}"), soft_wrap=True)


def _lines(console: Console, words: str, first: str, others: str) -> list[str]:
    width = page_width(console)
    return textwrap.wrap(words, width, initial_indent=first, subsequent_indent=others)


def _print_listed(console: Console, words: str) -> None:
    """Print what commas separate, broken only behind these."""
    whole = words.replace(" ", "\u00a0").replace(",\u00a0", ", ")
    for line in _lines(console, whole, "", ""):
        console.print(line.replace("\u00a0", " "), markup=False)


def _print_holds(console: Console, claim: Claim, indent: str = "") -> None:
    if claim.holds:
        print_wrapped(console, f"holds: {claim.holds}", indent)


def print_claims(
    console: Console, claims: Iterable[Claim], systems: Collection[str] = tuple(by_default())
) -> None:
    """Print every claim's id, how it stands in ``systems``, its sentence and its conditions."""
    for claim in claims:
        head = f"{claim.id}: {standing(claim, systems)}"
        for line in _lines(console, head, "", "    "):
            words = Text(line)
            words.highlight_words([claim.id], "bold")
            for verdict in Verdict:
                words.highlight_words([str(verdict)], STYLE[verdict])
            console.print(words)
        print_wrapped(console, claim.title, "    ")
        _print_holds(console, claim, "    ")
        for mark in claim.marks:
            print_wrapped(console, f"{mark.word}: {mark.what}", "    ")
    console.print()
    print_wrapped(console, "Verdicts as expected, with the number system or how many of them; "
             f"{program()} all checks them.")  # fmt: skip


def standing(claim: Claim, systems: Collection[str]) -> str:
    """Return the expected verdicts of a claim: the number system of one, how many of several.

    >>> from proofs import claims
    >>> standing(claims()["max-is-relu"], ["real", "integer", "int8"])
    'PROVED in 2, REFUTED in int8'
    """
    held = {verdict: [s for s in systems if claim.expects(s) is verdict] for verdict in Verdict}
    return ", ".join(
        f"{verdict} in {names[0] if len(names) == 1 else len(names)}"
        for verdict, names in held.items()
        if names
    )


def print_page(console: Console, claim: Claim, report: RunReport, doc: str) -> None:
    """Print one claim's page: the statement, the argument, the verdicts, the counterexample."""
    console.print(Text(claim.id, style="bold"))
    print_wrapped(console, claim.title)
    _print_holds(console, claim)
    console.print()
    for theorem in claim.theorems:
        label = f"{theorem.name}: " if theorem.name else ""
        console.print(Text(f"  {label}{text(theorem.statement)}", style="bold"), soft_wrap=True)
        console.print(Text(f"  {latex(theorem.statement)}", style="dim"), soft_wrap=True)
    if claim.theorems:
        console.print()
    for paragraph in doc.split("\n\n"):
        print_wrapped(console, " ".join(paragraph.split()))
        console.print()
    for label, words in (("for", claim.generality), ("why", claim.why), ("source", claim.source)):
        print_wrapped(console, f"{label}: {words}")
    for cell in report.cells:
        console.print()
        line = Text(f"{cell.system}: ", style="bold")
        line.append(str(cell.verdict), style=STYLE[cell.verdict])
        if not cell.ok:
            line.append(f", expected {cell.expected}")
        console.print(line)
        system = SYSTEMS[cell.system]
        console.print(Text(f"  assuming {system.assumes}", style="dim"), soft_wrap=True)
        if cell.system not in claim.expected:
            console.print(Text(f"  expecting what is expected in {system.like}", style="dim"))
        _print_evidence(console, cell)
        if cell.counterexample is not None:
            _print_counterexample(console, cell.counterexample)
    print_summary(console, report)


def print_saying(console: Console, mutant: MutantReport) -> None:
    """Print what is said in the place of a claim, and the values at which that is false."""
    console.print()
    console.print(Text(mutant.name, style="bold"), soft_wrap=True)
    verdict = "REFUTED" if mutant.ok else "not refuted"
    line = Text(f"  {verdict}", style="yellow" if mutant.ok else "bold red")
    line.append(f" in {mutant.system} by {', '.join(mutant.killed_by) or 'nothing'}", style="none")
    console.print(line, soft_wrap=True)
    if mutant.counterexample is not None:
        values = mutant.counterexample.assignment.items()
        met = ", ".join(f"{name} = {value}" for name, value in values)
        console.print(Text(f"  {mutant.statement}"), soft_wrap=True)
        console.print(Text(f"  is false at {met}"), soft_wrap=True)


def print_mutants(console: Console, report: RunReport) -> None:
    """Print which false neighbours were refuted, where, by what, and at which values."""
    for claim in dict.fromkeys(mutant.claim for mutant in report.mutants):
        console.print(Text(claim, style="bold"))
        for mutant in report.mutants:
            if mutant.claim != claim:
                continue
            line = Text("  ")
            line.append("killed " if mutant.ok else "ALIVE  ", "green" if mutant.ok else "bold red")
            line.append(mutant.name)
            console.print(line, soft_wrap=True)
            if mutant.statement and mutant.statement != mutant.name:
                print_wrapped(console, mutant.statement, "         ")
            by = f"in {mutant.system} by {', '.join(mutant.killed_by) or 'nothing'}"
            if mutant.missed_by:
                by += f"; undecided by {', '.join(mutant.missed_by)}"
            if mutant.counterexample is not None:
                values = mutant.counterexample.assignment.items()
                by += "; at " + ", ".join(f"{name} = {value}" for name, value in values)
            print_wrapped(console, by, "         ")
    for mutant in report.survivors():
        console.print()
        print_survivor(console, mutant, report.seed)
    print_summary(console, report)


def print_doctor(console: Console, rows: Mapping[str, tuple[str, str]]) -> None:
    """Print engines, versions and devices: name → (state, what it is for)."""
    longest = max(len(name) for name in rows)
    widest = max(len(state) for state, _ in rows.values())
    for name, (state, purpose) in rows.items():
        line = f"{name:<{longest}}  {state:<{min(widest, 40)}}  {purpose}".rstrip()
        console.print(Text(line), soft_wrap=True)
