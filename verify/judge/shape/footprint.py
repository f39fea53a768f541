"""The footprint of a verdict: what it takes for granted, and what it rests on, a line each."""

from __future__ import annotations

import torch

from verify.judge.rounding.table import established
from verify.judge.shape.attacks import Attacks
from verify.judge.shape.question import Question
from verify.judge.shape.reading import Reading
from verify.judge.side import kind
from verify.judge.watching.guarded import available
from verify.subnormals import FLUSHED, flushed


def footprint(attacks: Attacks) -> tuple[str, ...]:
    """Return what a verdict takes for granted, and what it rests on.

    Args:
        attacks: What was asked, read and run.
    """
    question, read = attacks.question, attacks.read
    algebra = read.algebra
    lines = [f"system: {question.system.name}"]
    if question.about is not None:
        lines = question.about.lines()
    elif question.real:
        lines[0] += f"; the rounding of {kind(question.dtype)} is bounded in every run, not proved"
    if question.given is not None:
        lines.append(f"given: {question.given.given.words}, for every element of the input")
    shapes = ", ".join(str(shape) for shape in question.shapes)
    lines.append(f"sizes: {shapes} only")
    lines.append(f"runs: {attacks.agreed} inputs, each held against its terms")
    if attacks.close is not None:
        seen = f"{attacks.close} inputs where they are close" if attacks.close else "no such input"
        lines.append(
            f"decisions: by computed values, taken as if they were exact; {seen} "
            f"{'agree' if attacks.close else 'was found on which that matters'}"
        )
    if algebra.rounds:
        lines.append(_kernels(question, read))
    if algebra.readings:
        fractions = [
            f"{number:.9g} as {meant} ({'+' if meant > number else '−'}"
            f"{abs(float(meant) - number):.1g})"
            for number, meant in list(algebra.readings.items())[:4]
        ]
        more = len(algebra.readings) - len(fractions)
        lines.append(f"weights: {', '.join(fractions)}" + (f" and {more} more" if more else ""))
    if algebra.logarithms:
        logs = [f"{n:.9g} as {'−' * (n < 0)}log {k}"
                for n, k in list(algebra.logarithms.items())[:4]]  # fmt: skip
        lines.append(f"weights: {', '.join(logs)}")
    for side, whose in ((question.module, "module"), (question.reference, "reference")):
        if isinstance(side.module, torch.nn.Module):
            lines.append(f"{whose}: in {'training' if side.trains else 'eval'} mode")
        if side.compiled:
            lines.append(f"{whose}: read as its eager code; the compiled one was run")
    for explored, whose in ((read.left, "module"), (read.right, "reference")):
        if explored.joined:
            lines.append(f"{whose}: read with both arms of its decisions joined; run as it is")
        if explored.decided:
            where = ", ".join(w or "unknown" for w in explored.decided[:3])
            lines.append(f"{whose}: decides at {where}; all {explored.paths} ways were gone")
    lines += [f"{words} at inputs such as {x}" for words, x in attacks.agreement.remarks.items()]
    if flushed():
        lines.append(FLUSHED)
    if not available():
        lines.append("reads of memory around torch's operators are not noticed on this system")
    return tuple(lines) if question.back is None else question.back.footprint(lines)


def _kernels(question: Question, read: Reading) -> str:
    """Return which kernels a verdict rests on, and on how many cases they were tried."""
    used = sorted(read.left.operators | read.right.operators)
    names = [
        f"{name.removeprefix('aten.')} ({established().cases(name, question.system.name)})"
        for name in used
    ]
    if not names:
        return "kernels: none that makes a number"
    line = f"kernels: {', '.join(names)}, each as its terms round it"
    here = torch.backends.cpu.get_cpu_capability()
    tried_on = established().processor
    return line if here == tried_on else f"{line}; tried on {tried_on}, this is {here}"
