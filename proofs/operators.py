"""The operators of the term language, one row each: how it is written, and what it means to whom.

Whatever reads terms (text, LaTeX, exact numbers, SMT-LIB, torch, SymPy, compiled sweeps) reads the
rows of this table, and refuses an operator whose row says nothing to it. A new operator is one new
row, and works wherever the row has an entry. The entries of a row are written apart, none from
another, so that those who read them can still find each other wrong.

What is no function of the values of its arguments has a row too, but each interpreter treats it
itself: binders (``sum``, ``fold``, ``forall``) and ``select``, because their arguments are not all
evaluated, or not once; ``widened``, ``finite``, ``exact``, ``in_range``, ``value``, ``ulp`` and the
named constants, because they ask the number system.
"""

import operator as python
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import isnan, nan
from typing import Any

from pooling.arithmetic import maximum, minimum


class UnsupportedError(Exception):
    """An interpreter or a number system has no entry for an operator, and declines."""


class NoElementError(UnsupportedError):
    """A statement names a number that is no element of the number system."""


class Sort(Enum):
    """What a term denotes."""

    NUMBER = "number"
    EXACT = "exact"
    PROPOSITION = "proposition"
    SEQUENCE = "sequence"


class Grows(Enum):
    """How far the result of an operation on a range of integers may lie outside of it."""

    NEVER = "it is in the range"
    ONCE = "by less than the size of the range"
    FAR = "by any number of sizes"


class Rounds(Enum):
    """Whether the result of an operation on floats has to be rounded."""

    NEVER = "it is a float"
    SUM = "it is a sum, exact where it is subnormal"
    ALWAYS = "yes"


#: A template of SMT-LIB with ``{0}``, ``{1}``, … for the arguments, or a function of them.
Entry = str | Callable[..., str]


@dataclass(frozen=True)
class Smt:
    """What SMT-LIB writes, by theory.

    Besides their arguments, templates may name what an encoder knows: ``{zero}``, ``{one}``,
    ``{minus_one}``, ``{two}`` and ``{half}`` of its sort, and ``{lt}``, ``{le}`` and ``{shift}`` of
    signed or unsigned bit-vectors. One that names what there is none of is refused.
    """

    #: Truth values.
    truth: Entry | None = None
    #: Int and Real, or one of the two.
    linear: Entry | None = None
    integer: Entry | None = None
    real: Entry | None = None
    #: Bit-vectors of an integer's width, before a result is wrapped or saturated.
    bits: Entry | None = None
    #: Bit-vectors wide enough for exact values. Only for operators whose extremes over intervals
    #: are at ends or at zeros of these: from them it is known how wide is enough.
    wide_bits: Entry | None = None
    #: Floats, and the floats of a wider exponent that hold exact values.
    floats: Entry | None = None
    wide_floats: Entry | None = None


@dataclass(frozen=True)
class Operator:
    """One operator. ``None`` as an entry means that whoever needs it refuses the operator."""

    name: str
    #: The sorts of its arguments; ``None`` is a number or an exact value, alike for all of them.
    #: Those without fixed arguments are built by functions of their own.
    takes: tuple[Sort | None, ...] | None
    #: The sort of the result; ``None`` is that of the arguments.
    gives: Sort | None
    #: Templates of both notations. ``{0:8}`` puts parentheses around an argument that binds looser
    #: than 8.
    text: str | None = None
    latex: str | None = None
    #: How strongly it binds, and how strongly in LaTeX if that differs.
    level: int = 10
    latex_level: int | None = None
    #: The arguments that it binds as variables.
    binds: slice | None = None

    #: The exact meaning: on real numbers, or on truth values.
    meaning: Callable[..., Any] | None = None
    #: The exact meaning on whole numbers.
    whole: Callable[..., Any] | None = None
    #: For integers of fixed width: how far that leaves the range.
    grows: Grows | None = None
    #: The meaning on Python's floats, NaN and infinities included, up to rounding.
    native: Callable[..., float] | None = None
    #: For floats: whether it has to be rounded.
    rounds: Rounds = Rounds.ALWAYS
    #: Whether ``meaning`` is written in + − · /, max, min, | · | and the order alone, so that it
    #: holds for symbols whose signs are known.
    algebra: bool = False
    #: The arguments of which one must be constant for it to be linear.
    linear_in: tuple[int, ...] | None = None

    smt: Smt = Smt()
    #: On tensors, elementwise, as torch computes it.
    tensors: Callable[..., Any] | None = None
    #: On arrays of exact numbers; ``x.mapped(meaning)`` asks entry by entry.
    arrays: Callable[..., Any] | None = None
    #: On LLVM's values: a function of the writer of a program and of the arguments.
    llvm: Callable[..., Any] | None = None

    def written(self, theory: str, args: Sequence[str], words: Mapping[str, str]) -> str:
        """Write an application in a theory of SMT-LIB.

        Raises :class:`UnsupportedError` if the row has no entry for the theory, or one that needs a
        constant that there is not.
        """
        entry: Entry | None = getattr(self.smt, theory)
        if entry is None and theory in ("integer", "real"):
            entry = self.smt.linear
        if entry is None:
            raise self.lacks(f"SMT-LIB's {theory.replace('_', ' ')}")
        if not isinstance(entry, str):
            return entry(*args)
        try:
            return entry.format(*args, **words)
        except KeyError as lacking:
            raise UnsupportedError(
                f"{self.name} needs {lacking.args[0]}, which there is not"
            ) from None

    def lacks(self, reader: str) -> UnsupportedError:
        """Return the refusal of whoever finds no entry for itself."""
        return UnsupportedError(f"{self.name} has no entry for {reader}")


def _function(text: str, latex: str, arity: int) -> dict[str, Any]:
    """Return the notations of a function of so many arguments, which are written as a call."""
    places = ", ".join(f"{{{place}}}" for place in range(arity))
    return {name: f"{written.replace('{', '{{').replace('}', '}}')}({places})"
            for name, written in (("text", text), ("latex", latex))}  # fmt: skip


def _named(name: str) -> dict[str, Any]:
    return _function(name, rf"\operatorname{{{name}}}", 1)


def _nan_or(ordered: str) -> str:
    return f"(ite (fp.isNaN {{0}}) {{0}} (ite (fp.isNaN {{1}}) {{1}} {ordered}))"


def _floordiv(x: str, y: str) -> str:
    # SMT-LIB's div rounds down for positive divisors only.
    positive = f"(div {x} {y})"
    return positive if y.isdigit() else f"(ite (> {y} 0) {positive} (div (- {x}) (- {y})))"


def _sign(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def _relu(x: Any) -> Any:
    return max(x, 0)


def _odd_multiple(x: Fraction, unit: Fraction) -> bool:
    if not unit:
        return False
    times = x / unit
    return times.denominator == 1 and times.numerator % 2 == 1


_ALIKE, _NUMBER, _EXACT, _TRUTH = None, Sort.NUMBER, Sort.EXACT, Sort.PROPOSITION
_DEFINED = " ".join(
    f"(not (fp.isNaN {{{place}}})) (not (fp.isInfinite {{{place}}}))" for place in (0, 1)
)

_ROWS = (
    # -- leaves --------------------------------------------------------------------------------
    Operator("variable", None, None),
    Operator("constant", None, None),
    Operator("applied", None, None),
    Operator("true", (), _TRUTH, "true", r"\top", meaning=lambda: True, algebra=True,
        smt=Smt(truth="true"), llvm=lambda w: "true"),
    Operator("unit_roundoff", (), _EXACT, "u", "u"),
    Operator("largest", (), _EXACT, "largest", r"\mathit{{largest}}"),
    Operator("smallest", (), _EXACT, "smallest", r"\mathit{{smallest}}"),
    # -- arithmetic ----------------------------------------------------------------------------
    Operator("add", (_ALIKE, _ALIKE), _ALIKE, "{0:7} + {1:8}", "{0:7} + {1:8}", 7,
        meaning=python.add, whole=python.add, grows=Grows.ONCE,
        native=python.add, rounds=Rounds.SUM, algebra=True,
        smt=Smt(linear="(+ {0} {1})", bits="(bvadd {0} {1})", wide_bits="(bvadd {0} {1})",
            floats="(fp.add RNE {0} {1})"),
        tensors=python.add, arrays=lambda x, y: x.combined(y, python.add),
        llvm=lambda w, x, y: w.operation("fadd", x, y)),
    Operator("sub", (_ALIKE, _ALIKE), _ALIKE, "{0:7} − {1:8}", "{0:7} - {1:8}", 7,
        meaning=python.sub, whole=python.sub, grows=Grows.ONCE,
        native=python.sub, rounds=Rounds.SUM, algebra=True,
        smt=Smt(linear="(- {0} {1})", bits="(bvsub {0} {1})", wide_bits="(bvsub {0} {1})",
            floats="(fp.sub RNE {0} {1})"),
        tensors=python.sub, arrays=lambda x, y: x.combined(y, python.sub),
        llvm=lambda w, x, y: w.operation("fsub", x, y)),
    Operator("mul", (_ALIKE, _ALIKE), _ALIKE, "{0:8}·{1:9}", r"{0:8} \cdot {1:9}", 8,
        meaning=python.mul, whole=python.mul, grows=Grows.FAR,
        native=python.mul, algebra=True, linear_in=(0, 1),
        smt=Smt(linear="(* {0} {1})", bits="(bvmul {0} {1})", floats="(fp.mul RNE {0} {1})"),
        tensors=python.mul, arrays=python.mul, llvm=lambda w, x, y: w.operation("fmul", x, y)),
    Operator("floordiv", (_ALIKE, _ALIKE), _ALIKE, "{0:8} // {1:9}",
        r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor", 8,
        whole=python.floordiv, linear_in=(1,), smt=Smt(integer=_floordiv)),
    Operator("div", (_ALIKE, _ALIKE), _ALIKE, "{0:8}/{1:9}", "{0:8} / {1:9}", 8,
        meaning=python.truediv, algebra=True, linear_in=(1,),
        smt=Smt(real="(/ {0} {1})", floats="(fp.div RNE {0} {1})"),
        llvm=lambda w, x, y: w.operation("fdiv", x, y)),
    Operator("half", (_NUMBER,), _NUMBER, "{0:9}/2", r"\tfrac{{{0}}}{{2}}", 8, 10,
        meaning=lambda x: x / 2, whole=lambda x: x // 2, grows=Grows.NEVER,
        native=lambda x: x / 2, algebra=True,
        smt=Smt(real="(/ {0} {two})", integer="(div {0} {two})", bits="({shift} {0} {one})",
            floats="(fp.mul RNE {0} {half})"),
        tensors=lambda x: x / 2 if x.dtype.is_floating_point else x >> 1,
        llvm=lambda w, x: w.operation("fmul", x, w.literal(0.5, x))),
    Operator("neg", (_ALIKE,), _ALIKE, "−{0:10}", "-{0:10}", 7,
        meaning=python.neg, whole=python.neg, grows=Grows.ONCE,
        native=python.neg, rounds=Rounds.NEVER, algebra=True,
        smt=Smt(linear="(- {0})", bits="(bvsub {zero} {0})", floats="(fp.neg {0})"),
        tensors=python.neg, arrays=python.neg, llvm=lambda w, x: w.operation("fneg", x)),
    Operator("abs", (_ALIKE,), _ALIKE, "|{0}|", r"\lvert {0} \rvert",
        meaning=abs, whole=abs, grows=Grows.ONCE, native=abs, rounds=Rounds.NEVER, algebra=True,
        smt=Smt(linear="(ite (>= {0} {zero}) {0} (- {0}))",
            bits="(ite ({lt} {0} {zero}) (bvsub {zero} {0}) {0})",
            wide_bits="(ite (bvslt {0} {zero}) (bvneg {0}) {0})", floats="(fp.abs {0})"),
        tensors=abs, arrays=abs, llvm=lambda w, x: w.call("fabs", x)),
    Operator("sign", (_ALIKE,), _ALIKE, **_named("sign"),
        meaning=_sign, whole=_sign, grows=Grows.FAR,
        native=_sign, rounds=Rounds.NEVER, algebra=True,
        smt=Smt(linear="(ite (> {0} {zero}) {one} (ite (< {0} {zero}) {minus_one} {zero}))",
            bits="(ite ({lt} {zero} {0}) {one} (ite ({lt} {0} {zero}) {minus_one} {zero}))",
            wide_bits="(ite (bvsgt {0} {zero}) {one} (ite (bvslt {0} {zero}) {minus_one} {zero}))",
            floats="(ite (fp.gt {0} {zero}) {one} (ite (fp.lt {0} {zero}) {minus_one} {zero}))"),
        tensors=lambda x: x.sign(), arrays=lambda x: x.mapped(_sign),
        llvm=lambda w, x: w.select(w.compare("ogt", x, w.literal(0.0, x)), w.literal(1.0, x),
            w.select(w.compare("olt", x, w.literal(0.0, x)), w.literal(-1.0, x),
                w.literal(0.0, x)))),
    Operator("relu", (_NUMBER,), _NUMBER, **_named("ReLU"),
        meaning=_relu, whole=_relu, grows=Grows.NEVER,
        native=lambda x: x if x > 0 or isnan(x) else 0.0, rounds=Rounds.NEVER, algebra=True,
        smt=Smt(linear="(ite (> {0} {zero}) {0} {zero})",
            bits="(ite ({lt} {0} {zero}) {zero} {0})",
            floats="(ite (or (fp.isNaN {0}) (fp.gt {0} {zero})) {0} {zero})"),
        # Above zero or NaN, which stays.
        tensors=lambda x: x.relu(), llvm=lambda w, x: w.select(
            w.compare("ugt", x, w.literal(0.0, x)), x, w.literal(0.0, x))),
    Operator("maximum", (_ALIKE, _ALIKE), _ALIKE, **_function("max", r"\max", 2),
        meaning=max, whole=max, grows=Grows.NEVER,
        native=lambda x, y: nan if isnan(x) or isnan(y) else max(x, y),
        rounds=Rounds.NEVER, algebra=True,
        smt=Smt(linear="(ite (>= {0} {1}) {0} {1})", bits="(ite ({lt} {0} {1}) {1} {0})",
            wide_bits="(ite (bvsge {0} {1}) {0} {1})",
            floats=_nan_or("(ite (fp.geq {0} {1}) {0} {1})")),
        tensors=lambda x, y: x.maximum(y), arrays=lambda x, y: x.combined(y, maximum),
        llvm=lambda w, x, y: w.select(w.either(w.compare("oge", x, y), w.is_nan(x)), x, y)),
    Operator("minimum", (_ALIKE, _ALIKE), _ALIKE, **_function("min", r"\min", 2),
        meaning=min, whole=min, grows=Grows.NEVER,
        native=lambda x, y: nan if isnan(x) or isnan(y) else min(x, y),
        rounds=Rounds.NEVER, algebra=True,
        smt=Smt(linear="(ite (<= {0} {1}) {0} {1})", bits="(ite ({lt} {0} {1}) {0} {1})",
            wide_bits="(ite (bvsle {0} {1}) {0} {1})",
            floats=_nan_or("(ite (fp.leq {0} {1}) {0} {1})")),
        tensors=lambda x, y: x.minimum(y), arrays=lambda x, y: x.combined(y, minimum),
        llvm=lambda w, x, y: w.select(w.either(w.compare("ole", x, y), w.is_nan(x)), x, y)),
    # -- what asks the number system -----------------------------------------------------------
    Operator("widened", (_NUMBER,), _NUMBER, **_named("wide")),
    Operator("value", (_NUMBER,), _EXACT, "⟦{0}⟧", r"[\![{0}]\!]"),
    Operator("ulp", (_NUMBER,), _EXACT, **_named("ulp")),
    Operator("finite", (_NUMBER,), _TRUTH, **_named("finite")),
    Operator("exact", None, _TRUTH, **_named("exact")),
    Operator("in_range", None, _TRUTH, **_function("in range", r"\operatorname{in\,range}", 1)),
    # -- relations: of elements, the number system says which are equal -------------------------
    Operator("eq", (_ALIKE, _ALIKE), _TRUTH, "{0:6} = {1:7}", "{0:6} = {1:7}", 6,
        meaning=python.eq, algebra=True,
        smt=Smt(linear="(= {0} {1})", bits="(= {0} {1})", wide_bits="(= {0} {1})",
            floats="(or (fp.eq {0} {1}) (and (fp.isNaN {0}) (fp.isNaN {1})))",
            wide_floats=f"(and {_DEFINED} (fp.eq {{0}} {{1}}))")),
    Operator("ne", (_ALIKE, _ALIKE), _TRUTH, "{0:6} ≠ {1:7}", r"{0:6} \neq {1:7}", 6,
        meaning=python.ne, algebra=True,
        smt=Smt(linear="(not (= {0} {1}))", bits="(not (= {0} {1}))",
            wide_bits="(not (= {0} {1}))",
            floats="(not (or (fp.eq {0} {1}) (and (fp.isNaN {0}) (fp.isNaN {1}))))",
            wide_floats=f"(not (and {_DEFINED} (fp.eq {{0}} {{1}})))")),
    Operator("lt", (_ALIKE, _ALIKE), _TRUTH, "{0:6} < {1:7}", "{0:6} < {1:7}", 6,
        meaning=python.lt, algebra=True,
        smt=Smt(linear="(< {0} {1})", bits="({lt} {0} {1})", wide_bits="(bvslt {0} {1})",
            floats="(fp.lt {0} {1})", wide_floats=f"(and {_DEFINED} (fp.lt {{0}} {{1}}))")),
    Operator("le", (_ALIKE, _ALIKE), _TRUTH, "{0:6} ≤ {1:7}", r"{0:6} \le {1:7}", 6,
        meaning=python.le, algebra=True,
        smt=Smt(linear="(<= {0} {1})", bits="({le} {0} {1})", wide_bits="(bvsle {0} {1})",
            floats="(fp.leq {0} {1})", wide_floats=f"(and {_DEFINED} (fp.leq {{0}} {{1}}))")),
    Operator("odd_multiple", (_EXACT, _EXACT), _TRUTH, "{0:6} is an odd multiple of {1:7}",
        r"{0:6} \text{{ is an odd multiple of }} {1:7}", 6,
        meaning=_odd_multiple, arrays=lambda x, unit: x.odd_multiple(unit)),
    # -- connectives: of "and" and "or" the right-hand side needs no parentheses ----------------
    Operator("not", (_TRUTH,), _TRUTH, "not {0:10}", r"\lnot {0:10}", 5,
        meaning=python.not_, algebra=True, smt=Smt(truth="(not {0})"),
        tensors=python.invert, llvm=lambda w, p: w.negated(p)),
    Operator("and", (_TRUTH, _TRUTH), _TRUTH, "{0:4} and {1:4}", r"{0:4} \land {1:4}", 4,
        meaning=lambda p, q: p and q, algebra=True, smt=Smt(truth="(and {0} {1})"),
        tensors=python.and_, llvm=lambda w, p, q: w.both(p, q)),
    Operator("or", (_TRUTH, _TRUTH), _TRUTH, "{0:3} or {1:3}", r"{0:3} \lor {1:3}", 3,
        meaning=lambda p, q: p or q, algebra=True, smt=Smt(truth="(or {0} {1})"),
        tensors=python.or_, llvm=lambda w, p, q: w.either(p, q)),
    Operator("implies", (_TRUTH, _TRUTH), _TRUTH, "{0:3} ⇒ {1:3}", r"{0:3} \implies {1:3}", 2,
        meaning=lambda p, q: not p or q, algebra=True, smt=Smt(truth="(=> {0} {1})"),
        tensors=lambda p, q: ~p | q, llvm=lambda w, p, q: w.either(w.negated(p), q)),
    Operator("iff", (_TRUTH, _TRUTH), _TRUTH, "{0:2} ⇔ {1:2}", r"{0:2} \iff {1:2}", 1,
        meaning=lambda p, q: bool(p) == bool(q), algebra=True, smt=Smt(truth="(= {0} {1})"),
        tensors=python.eq, llvm=lambda w, p, q: w.same(p, q)),
    # -- binders, and what is not always evaluated ---------------------------------------------
    Operator("select", None, None),
    Operator("sum", None, _NUMBER, level=7, binds=slice(0, 1)),
    Operator("fold", None, _NUMBER, binds=slice(2, 4)),
    Operator("forall", None, _TRUTH, level=0, binds=slice(0, -1)),
)  # fmt: skip

#: Every operator by its name.
OPERATORS: dict[str, Operator] = {row.name: row for row in _ROWS}


def operator(name: str) -> Operator:
    """Return the row of an operator.

    Raises :class:`UnsupportedError` if there is none.
    """
    try:
        return OPERATORS[name]
    except KeyError:
        raise UnsupportedError(f"no operator is called {name}") from None
