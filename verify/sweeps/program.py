"""Terms over a float format written as a loop of LLVM: the one kernel behind every sweep.

A :class:`Program` is text. It visits every pair of a block of rows and a block of columns, computes
some terms there, and leaves for each row how often a proposition held and how large an error was.
Nothing in it is written for one statement, so what is measured of a form and what is decided of a
theorem are computed alike. The text is the same on every machine and small enough to be sent to
one; :mod:`verify.sweeps.machine_code` compiles and runs it.

An element is held in a float32, which holds every element of the formats of up to 16 bits, and a
result is rounded to the format after every single operation. float32 has more than twice their
precision and two bits, so that rounding first to float32 and then to the format gives what
rounding once gives (Figueroa 1995, *When is double rounding innocuous?*): the results are those of
torch, which computes so, and those of IEEE 754.

What a statement says of exact values is computed in float64 with a bound on the error of every
step. Where the bound does not decide a comparison, the program counts the pair as *doubtful*, and
whoever runs it decides such pairs in exact fractions.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, cast

from proofs.claim import Theorem
from proofs.operators import Rounds, UnsupportedError
from proofs.operators import operator as row_of
from proofs.systems.floats import FloatFormat, floor_log2
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term

#: float64: significant bits, and the exponents between which nothing is lost to subnormal
#: numbers or to overflow, with room to spare.
_BITS, _LOWEST, _HIGHEST = 53, -1000, 1000


@dataclass(frozen=True)
class Program:
    """LLVM's text of a function ``sweep(rows, row_count, columns, column_count, results)``.

    ``rows`` and ``columns`` point to elements of ``format``, held in float64 if that is what the
    format is and in float32 otherwise; the function writes an ``int64`` for each of ``results``
    and each row. Those in ``keys`` grow with an error, and the greatest of the row is kept; the
    others are counts.
    """

    source: str
    format: str
    results: tuple[str, ...]
    keys: frozenset[str]


#: What :func:`judging` counts: pairs within the premises, pairs among them at which the conclusion
#: fails, and pairs of which neither is certain.
MET, WRONG, DOUBTFUL = "met", "wrong", "doubtful"

#: What :func:`measuring` counts of pairs, and the greatest errors of those that it does not.
INEXACT, OVERFLOWING, NAN = "inexact", "overflowing", "nan"
ABSOLUTE, RELATIVE, ULPS = "absolute", "relative", "ulps"


def judging(theorem: Theorem, system: NumberSystem) -> Program:
    """Return the program that decides a theorem in one or two variables.

    Raises :class:`UnsupportedError` for theorems that it cannot decide: in more variables, with an
    operator that is not written here, or in a number system that is no float format.
    """
    writer = _Writer(system, theorem.variables)
    row_met = met = "true"
    for premise in theorem.premises:
        holds = writer.proposition(premise)
        if writer.doubts or holds in writer.per_pair:
            met = writer.both(met, holds)
        else:
            row_met = writer.both(row_met, holds)
    doubtful = writer.doubtful()
    conclusion = writer.proposition(theorem.conclusion)
    # Whether the conclusion holds does not matter outside the premises.
    doubtful = writer.either(doubtful, writer.both(met, writer.doubtful()))
    met = writer.both(met, writer.negated(doubtful))
    counts = {
        MET: met,
        WRONG: writer.both(met, writer.negated(conclusion)),
        DOUBTFUL: doubtful,
    }
    return writer.program(counts, {}, row_met)


def measuring(form: Term, target: Term, system: NumberSystem) -> Program:
    """Return the program that measures how far ``form`` is from ``target``, pair by pair.

    Infinite results where the target is finite are overflows; a NaN where the target is none is
    counted apart. All other pairs are exact or inexact, and only these have an error. Raises
    :class:`UnsupportedError` as :func:`judging` does.
    """
    writer = _Writer(system, ("a", "b"))
    computed, wanted = writer.number(form), writer.number(target)
    nan = writer.both(writer.is_nan(computed), writer.negated(writer.is_nan(wanted)))
    overflowing = writer.both(
        writer.both(writer.finite(wanted), writer.negated(writer.finite(computed))),
        writer.negated(nan),
    )
    inexact = writer.both(
        writer.negated(writer.equal(computed, wanted)),
        writer.negated(writer.either(nan, overflowing)),
    )
    return writer.program(
        {INEXACT: inexact, OVERFLOWING: overflowing, NAN: nan},
        writer.errors(computed, wanted, inexact),
    )


class _Value(NamedTuple):
    """A name of LLVM's, and its type."""

    name: str
    type: str


class _Exact(NamedTuple):
    """A real number, held as a float64 with a bound on how far off that may be.

    It is a multiple of 2^``lowest`` below 2^``highest`` in magnitude with at most ``bits``
    significant bits, or there is none where ``defined`` is false. ``error`` is ``None`` if it is
    certain beforehand that nothing is lost. What one rounded sum has lost is known exactly: as long
    as only that is missing it is ``lost``, and ``value`` is the float64 nearest to the number.
    """

    value: str
    error: str | None
    lowest: int
    highest: int
    bits: int
    defined: str | None
    lost: str | None = None


class _Writer:
    """Writes instructions, each once, and at the end the loops around them."""

    def __init__(self, system: NumberSystem, variables: tuple[str, ...]) -> None:
        if not isinstance(system, FloatFormat) or not system.dtype:
            raise UnsupportedError(f"{system.name} is no float format")
        if not 1 <= len(variables) <= 2:
            raise UnsupportedError(f"{len(variables)} variables")
        self.system = system
        self.variables = dict(zip(variables, ("%a", "%b"), strict=False))
        #: What is computed once for each row, and what for each pair.
        self.of_row: list[str] = []
        self.of_pair: list[str] = []
        self.names: dict[str, str] = {}
        self.per_pair = {"%b"}
        self.visited: dict[tuple[Term, str], _Value] = {}
        self.doubts: list[str] = []

    def _write(self, instruction: str) -> str:
        """Write an instruction, unless the same stands already, and return its name."""
        if instruction not in self.names:
            name = f"%t{len(self.names)}"
            self.names[instruction] = name
            if self.per_pair.isdisjoint(re.findall(r"%\w+", instruction)):
                self.of_row.append(f"{name} = {instruction}")
            else:
                self.of_pair.append(f"{name} = {instruction}")
                self.per_pair.add(name)
        return self.names[instruction]

    # -- propositions --------------------------------------------------------------------------

    def both(self, p: str, q: str) -> str:
        """Write that two propositions hold."""
        return self._write(f"and i1 {p}, {q}")

    def either(self, p: str, q: str) -> str:
        """Write that one of two propositions holds."""
        return self._write(f"or i1 {p}, {q}")

    def negated(self, p: str) -> str:
        """Write that a proposition does not hold."""
        return self._write(f"xor i1 {p}, true")

    def same(self, p: str, q: str) -> str:
        """Write that two propositions both hold or both fail."""
        return self._write(f"icmp eq i1 {p}, {q}")

    def doubtful(self) -> str:
        """Write that some comparison so far could not be decided."""
        result = "false"
        for doubt in self.doubts:
            result = self.either(result, doubt)
        return result

    def proposition(self, node: Term) -> str:
        """Write a proposition of the language of claims."""
        match node.operator, node.args:
            case "applied", (inner,):
                return self.proposition(inner)
            case "finite", (x,):
                return self.finite(self.number(x))
            case (("exact" | "in_range"), (operation,)):
                return self._about(node.operator, operation)
            case (("eq" | "ne" | "lt" | "le"), (x, y)) if x.sort is Sort.NUMBER:
                left, right = self.number(x), self.number(y)
                if node.operator in ("eq", "ne"):
                    same = self.equal(left, right)
                    return same if node.operator == "eq" else self.negated(same)
                order = "olt" if node.operator == "lt" else "ole"
                return self._write(f"fcmp {order} {left.type} {left.name}, {right.name}")
            case "odd_multiple", (x, unit):
                return self._odd_multiple(self.exact(x), self.exact(unit))
            case (("eq" | "ne" | "lt" | "le"), (x, y)) if x.sort is Sort.EXACT:
                return self._relation(node.operator, self.exact(x), self.exact(y))
        if any(arg.sort is not Sort.PROPOSITION for arg in node.args):
            raise UnsupportedError(node.operator)
        return cast(str, self._instructions(node)(self, *map(self.proposition, node.args)))

    def _instructions(self, node: Term) -> Callable[..., Any]:
        """Return what writes an operator, by its row."""
        row = row_of(node.operator)
        if row.llvm is None:
            raise row.lacks("programs")
        return row.llvm

    def is_nan(self, x: _Value) -> str:
        """Write that an element is NaN."""
        return self._write(f"fcmp uno {x.type} {x.name}, {x.name}")

    def finite(self, x: _Value) -> str:
        """Write that an element is neither NaN nor infinite."""
        magnitude = self._call("fabs", x)
        return self._write(f"fcmp olt {x.type} {magnitude}, {_literal(float('inf'))}")

    def equal(self, x: _Value, y: _Value) -> str:
        """Write that two elements are the same number, or both NaN."""
        same = self._write(f"fcmp oeq {x.type} {x.name}, {y.name}")
        return self.either(same, self.both(self.is_nan(x), self.is_nan(y)))

    def _about(self, operator: str, operation: Term) -> str:
        """Write that a sum or difference is exact, or in range.

        An exact result is the float32 sum, without the error that this has itself.
        """
        x, y = (self.number(arg) for arg in operation.args)
        if operation.operator == "sub":
            y = _Value(self._write(f"fneg {y.type} {y.name}"), y.type)
        total, lost = self._two_sum(x, y)
        rounded, unlimited = self._rounded(self.system, _Value(total, x.type))
        if operator == "in_range":
            greatest = _literal(float(self.system.greatest))
            magnitude = self._call("fabs", unlimited)
            return self._write(f"fcmp ole {x.type} {magnitude}, {greatest}")
        # Of an infinite sum, NaN is what was lost.
        same = self._write(f"fcmp oeq {x.type} {rounded.name}, {total}")
        nothing_lost = self._write(f"fcmp oeq {x.type} {lost}, {_literal(0.0)}")
        return self.both(same, nothing_lost)

    def _two_sum(self, x: _Value, y: _Value) -> tuple[str, str]:
        """Write a rounded sum and, exactly, what it lost (Knuth's 2Sum)."""

        def write(operation: str, left: str, right: str) -> str:
            return self._write(f"{operation} {x.type} {left}, {right}")

        total = write("fadd", x.name, y.name)
        second = write("fsub", total, x.name)
        first = write("fsub", total, second)
        lost = write("fadd", write("fsub", x.name, first), write("fsub", y.name, second))
        return total, lost

    # -- elements ------------------------------------------------------------------------------

    def number(self, node: Term, system: FloatFormat | None = None) -> _Value:
        """Write an element of the format, or of the wider one that a term asks for."""
        system = system or self.system
        key = (node, system.name)
        if key not in self.visited:
            self.visited[key] = self._number(node, system)
        return self.visited[key]

    def _number(self, node: Term, system: FloatFormat) -> _Value:
        carrier = _carrier(system)
        match node.operator, node.args:
            case "variable", _ if str(node.leaf) in self.variables:
                element = _Value(self.variables[str(node.leaf)], _carrier(self.system))
                return self._converted(element, carrier)
            case "constant", _:
                assert isinstance(node.leaf, int | Fraction)
                return _Value(_literal(system.constant(node.leaf)), carrier)
            case "applied", (inner,):
                return self.number(inner, system)
            case "widened", (inner,):
                wide = self.number(inner, system.wider)
                return self._rounded(system, self._converted(wide, carrier))[0]
            case "select", (condition, then, otherwise):
                if system is not self.system:
                    raise UnsupportedError("a condition within a wider format")
                chosen = self.proposition(condition), self.number(then), self.number(otherwise)
                return _Value(self._select(*chosen), carrier)
        if not node.args:
            raise UnsupportedError(f"{node.operator} {node.leaf}")
        args = [self.number(arg, system) for arg in node.args]
        result: _Value = self._instructions(node)(self, *args)
        if row_of(node.operator).rounds is Rounds.NEVER:
            return result
        return self._rounded(system, result)[0]

    def operation(self, name: str, *args: _Value) -> _Value:
        """Write an instruction of floats."""
        kind = args[0].type
        return _Value(self._write(f"{name} {kind} {', '.join(x.name for x in args)}"), kind)

    def compare(self, order: str, x: _Value, y: _Value) -> str:
        """Write a comparison of floats."""
        return self._write(f"fcmp {order} {x.type} {x.name}, {y.name}")

    def select(self, condition: str, then: _Value, otherwise: _Value) -> _Value:
        """Write a choice."""
        return _Value(self._select(condition, then, otherwise), then.type)

    def call(self, function: str, *args: _Value) -> _Value:
        """Write a call of a function of LLVM's own."""
        return _Value(self._call(function, *args), args[0].type)

    def literal(self, x: float, like: _Value) -> _Value:
        """Return a number in the type of another."""
        return _Value(_literal(x), like.type)

    def _call(self, function: str, *args: _Value) -> str:
        kind = args[0].type
        name = f"@llvm.{function}.{'f64' if kind == 'double' else 'f32'}"
        return self._write(f"call {kind} {name}({', '.join(f'{kind} {x.name}' for x in args)})")

    def _select(self, condition: str, then: _Value, otherwise: _Value) -> str:
        kind = then.type
        return self._write(f"select i1 {condition}, {kind} {then.name}, {kind} {otherwise.name}")

    def _converted(self, x: _Value, carrier: str) -> _Value:
        if x.type == carrier:
            return x
        operation = "fpext" if carrier == "double" else "fptrunc"
        return _Value(self._write(f"{operation} {x.type} {x.name} to {carrier}"), carrier)

    def _rounded(self, system: FloatFormat, x: _Value) -> tuple[_Value, _Value]:
        """Write ``x`` rounded to the format, and the same as if its exponents had no end."""
        if system.bits >= 32:
            return x, x
        if (system.exponent_bits, system.precision) == (5, 11):
            result = self._through_half(x)
        elif system.exponent_bits == 8:
            result = self._to_upper_bits(system, x)
        else:
            result = self._to_multiples(system, x)
            return self._limited(system, result), result
        return result, result

    def _through_half(self, x: _Value) -> _Value:
        """Write a conversion to LLVM's own float16 and back."""
        narrow = self._write(f"fptrunc float {x.name} to half")
        return _Value(self._write(f"fpext half {narrow} to float"), "float")

    def _to_upper_bits(self, system: FloatFormat, x: _Value) -> _Value:
        """Write a rounding to formats that are float32 without its last bits.

        Half a unit of the last kept bit is added, a little less if that bit is 0, and the rest
        cleared: a carry runs on into the exponent, and past the largest number to infinity. Those
        of a NaN do not carry: it comes from an element or from the processor, and ends in zeros.
        """
        dropped = 24 - system.precision
        bits = self._write(f"bitcast float {x.name} to i32")
        shifted = self._write(f"lshr i32 {bits}, {dropped}")
        last = self._write(f"and i32 {shifted}, 1")
        with_half = self._write(f"add i32 {bits}, {(1 << (dropped - 1)) - 1}")
        carried = self._write(f"add i32 {with_half}, {last}")
        kept = self._write(f"and i32 {carried}, {-(1 << dropped)}")
        return _Value(self._write(f"bitcast i32 {kept} to float"), "float")

    def _to_multiples(self, system: FloatFormat, x: _Value) -> _Value:
        """Write a rounding to formats whose exponents end well inside those of float32.

        Added to a number so large that float32 has the format's last place there, and taken away
        from the sum again, x has been rounded by float32's own arithmetic.
        """
        bits = self._write(f"bitcast float {x.name} to i32")
        exponent = self._write(f"and i32 {bits}, {0x7F800000}")
        least = (system.least_exponent + 127) << 23
        below = self._write(f"icmp slt i32 {exponent}, {least}")
        raised = self._write(f"select i1 {below}, i32 {least}, i32 {exponent}")
        magnitude = self._write(f"add i32 {raised}, {(24 - system.precision) << 23}")
        sign = self._write(f"and i32 {bits}, {-(1 << 31)}")
        signed = self._write(f"or i32 {magnitude}, {sign}")
        large = self._write(f"bitcast i32 {signed} to float")
        total = self._write(f"fadd float {x.name}, {large}")
        rounded = self._write(f"fsub float {total}, {large}")
        # What rounds to zero keeps its sign.
        result = self._write(f"call float @llvm.copysign.f32(float {rounded}, float {x.name})")
        return _Value(result, "float")

    def _limited(self, system: FloatFormat, x: _Value) -> _Value:
        """Write what becomes of a rounded number that may lie past the largest."""
        greatest = float(system.greatest)
        limit = float("inf") if system.infinities else greatest
        for order, end, beyond in (("ogt", greatest, limit), ("olt", -greatest, -limit)):
            past = self._write(f"fcmp {order} float {x.name}, {_literal(end)}")
            x = _Value(self._select(past, _Value(_literal(beyond), "float"), x), "float")
        return x

    # -- errors --------------------------------------------------------------------------------

    def errors(self, computed: _Value, wanted: _Value, inexact: str) -> dict[str, _Value]:
        """Write keys that order pairs by absolute error, relative error and error in ulps.

        They are computed in the type that holds the elements, so that they lose a few of its last
        bits, and where nothing is ``inexact`` they are 0.
        """
        kind = computed.type

        def write(operation: str, x: str, y: str) -> str:
            return self._write(f"{operation} {kind} {x}, {y}")

        difference = _Value(write("fsub", computed.name, wanted.name), kind)
        error = _Value(self._call("fabs", difference), kind)
        zero = _Value(_literal(0.0), kind)
        absolute = _Value(self._select(inexact, error, zero), kind)
        magnitude = _Value(self._call("fabs", wanted), kind)
        quotient = _Value(write("fdiv", error.name, magnitude.name), kind)
        relative = _Value(self._select(inexact, quotient, zero), kind)
        # The unit in the last place is a power of two, its reciprocal put together of bits.
        word, stored, bias = ("i64", 52, 1023) if kind == "double" else ("i32", 23, 127)
        bits = self._write(f"bitcast {kind} {magnitude.name} to {word}")
        infinite = (2 * bias + 1) << stored
        exponent = self._write(f"and {word} {bits}, {infinite}")
        least = (self.system.least_exponent + bias) << stored
        raised = self._write(f"call {word} @llvm.umax.{word}({word} {exponent}, {word} {least})")
        # Twice the reciprocal of the power of two below, which has the same order.
        reciprocal = self._write(f"sub {word} {infinite}, {raised}")
        scale = self._write(f"bitcast {word} {reciprocal} to {kind}")
        ulps = _Value(write("fmul", absolute.name, scale), kind)
        return {ABSOLUTE: absolute, RELATIVE: relative, ULPS: ulps}

    # -- exact values --------------------------------------------------------------------------

    def exact(self, node: Term) -> _Exact:
        """Write a real number that speaks about elements.

        Rows have no entry for this: how far a result may be off is a matter of each operation.
        """
        system = self.system
        match node.operator, node.args:
            case "applied", (inner,):
                return self.exact(inner)
            case "value", (x,):
                element = self.number(x)
                least = system.least_exponent - system.precision + 1
                return _within(
                    _Exact(
                        self._converted(element, "double").name,
                        None,
                        least,
                        floor_log2(system.greatest) + 1,
                        system.precision,
                        self.finite(element),
                    )
                )
            case "ulp", (x,):
                return self._ulp(self.number(x))
            case "constant", _:
                assert isinstance(node.leaf, int | Fraction)
                return _exact_constant(Fraction(node.leaf))
            case (("unit_roundoff" | "largest" | "smallest"), _):
                return _exact_constant(system.exact_constant(node.operator))
            case "select", (condition, then, otherwise):
                return self._exact_choice(
                    self.proposition(condition), self.exact(then), self.exact(otherwise)
                )
        if not node.args:
            raise UnsupportedError(f"exact {node.operator}")
        first, *rest = (self.exact(arg) for arg in node.args)
        match node.operator, rest:
            case "neg", ():
                return self._negative(first)
            case "abs", ():
                size = self._call("fabs", _Value(first.value, "double"))
                if first.lost is None:
                    return first._replace(value=size)
                below = self._write(f"fcmp olt double {first.value}, {_literal(0.0)}")
                return self._exact_choice(below, self._negative(first), first)
            case (("add" | "sub"), (y,)):
                return self._exact_sum(first, self._negative(y) if node.operator == "sub" else y)
            case "mul", (y,):
                return self._exact_product(first, y)
            case (("maximum" | "minimum"), (y,)):
                order = "oge" if node.operator == "maximum" else "ole"
                first, y = self._bounded(first), self._bounded(y)
                wins = self._write(f"fcmp {order} double {first.value}, {y.value}")
                chosen = self._exact_choice(wins, first, y)
                # Which of two is larger may be wrong by as much as they are.
                bound = self._add_errors(first.error, y.error)
                both = self._both_defined(first, y)
                return chosen._replace(error=bound, defined=both)
        raise UnsupportedError(f"exact {node.operator}")

    def _ulp(self, x: _Value) -> _Exact:
        """Write the unit in the last place: the power of two below, further down."""
        system = self.system
        wide = self._converted(x, "double")
        bits = self._write(f"bitcast double {wide.name} to i64")
        exponent = self._write(f"and i64 {bits}, {0x7FF << 52}")
        least = (system.least_exponent + 1023) << 52
        raised = self._write(f"call i64 @llvm.umax.i64(i64 {exponent}, i64 {least})")
        power = self._write(f"bitcast i64 {raised} to double")
        unit = self._write(f"fmul double {power}, {_literal(2.0 ** (1 - system.precision))}")
        highest = floor_log2(system.greatest) + 2 - system.precision
        lowest = system.least_exponent + 1 - system.precision
        return _within(_Exact(unit, None, lowest, highest, 1, self.finite(x)))

    def _odd_multiple(self, x: _Exact, unit: _Exact) -> str:
        """Write that a number is an odd multiple of a power of two."""
        if x.error is not None or x.lost is not None or unit.bits != 1:
            raise UnsupportedError("odd multiples of what float64 does not hold")

        def write(instruction: str) -> _Value:
            return _Value(self._write(instruction), "double")

        quotient = write(f"fdiv double {x.value}, {unit.value}")
        whole = self._call("floor", quotient)
        half = self._call("floor", write(f"fmul double {quotient.name}, {_literal(0.5)}"))
        even = write(f"fmul double {half}, {_literal(2.0)}")
        odd = self.both(
            self._write(f"fcmp oeq double {whole}, {quotient.name}"),
            self._write(f"fcmp one double {even.name}, {quotient.name}"),
        )
        defined = self._both_defined(x, unit)
        return odd if defined is None else self.both(odd, defined)

    def _negative(self, x: _Exact) -> _Exact:
        value = self._write(f"fneg double {x.value}")
        lost = None if x.lost is None else self._write(f"fneg double {x.lost}")
        return x._replace(value=value, lost=lost)

    def _bounded(self, x: _Exact) -> _Exact:
        """Return the number with a bound in place of what is lost."""
        if x.lost is None:
            return x
        bound = self._call("fabs", _Value(x.lost, "double"))
        return x._replace(error=self._add_errors(x.error, bound), lost=None)

    def _exact_sum(self, x: _Exact, y: _Exact) -> _Exact:
        x, y = self._bounded(x), self._bounded(y)
        lowest = min(x.lowest, y.lowest)
        highest = max(x.highest, y.highest) + 1
        left, right = _Value(x.value, "double"), _Value(y.value, "double")
        error, lost = self._add_errors(x.error, y.error), None
        if highest - lowest <= _BITS:
            total = self._write(f"fadd double {x.value}, {y.value}")
        else:
            total, lost = self._two_sum(left, right)
        defined = self._both_defined(x, y)
        result = _Exact(total, error, lowest, highest, highest - lowest, defined, lost)
        # Two bounds are one.
        return _within(result if error is None else self._bounded(result))

    def _exact_product(self, x: _Exact, y: _Exact) -> _Exact:
        if y.bits == 1:
            x, y = y, x
        lost = None
        if x.bits == 1 and y.lost is not None:
            lost = self._write(f"fmul double {y.lost}, {x.value}")
        else:
            x, y = self._bounded(x), self._bounded(y)
        lowest, highest = x.lowest + y.lowest, x.highest + y.highest
        bits = min(x.bits + y.bits, highest - lowest)
        product = self._write(f"fmul double {x.value}, {y.value}")
        error = None
        for one, other in ((x, y), (y, x)):
            if one.error is not None:
                size = self._call("fabs", _Value(other.value, "double"))
                error = self._add_errors(error, self._write(f"fmul double {one.error}, {size}"))
        if x.error is not None and y.error is not None:
            error = self._add_errors(error, self._write(f"fmul double {x.error}, {y.error}"))
        # A power of two takes no bit away from the other.
        if x.bits == 1:
            bits = y.bits
        elif bits > _BITS:
            # A fused multiplication and addition gives what the product has lost.
            opposite = _Value(self._write(f"fneg double {product}"), "double")
            factors = (_Value(x.value, "double"), _Value(y.value, "double"))
            missing = _Value(self._call("fma", *factors, opposite), "double")
            error = self._add_errors(error, self._call("fabs", missing))
        defined = self._both_defined(x, y)
        return _within(_Exact(product, error, lowest, highest, bits, defined, lost))

    def _exact_choice(self, condition: str, x: _Exact, y: _Exact) -> _Exact:
        def chosen(first: str | None, second: str | None) -> str | None:
            zero = _literal(0.0)
            both = (_Value(part or zero, "double") for part in (first, second))
            return first if first == second else self._select(condition, *both)

        if x.error is not None or y.error is not None:
            x, y = self._bounded(x), self._bounded(y)
        value = self._select(condition, _Value(x.value, "double"), _Value(y.value, "double"))
        defined = x.defined
        if x.defined != y.defined:
            there = (_Value(place or "true", "i1") for place in (x.defined, y.defined))
            defined = self._select(condition, *there)
        return _Exact(
            value,
            chosen(x.error, y.error),
            min(x.lowest, y.lowest),
            max(x.highest, y.highest),
            max(x.bits, y.bits),
            defined,
            chosen(x.lost, y.lost),
        )

    def _add_errors(self, first: str | None, second: str | None) -> str | None:
        if first is None or second is None:
            return first or second
        return self._write(f"fadd double {first}, {second}")

    def _both_defined(self, x: _Exact, y: _Exact) -> str | None:
        if x.defined is None or y.defined is None:
            return x.defined or y.defined
        return self.both(x.defined, y.defined)

    def _relation(self, operator: str, x: _Exact, y: _Exact) -> str:
        order = {"eq": "oeq", "ne": "oeq", "lt": "olt", "le": "ole"}[operator]
        if x.error is not None or y.error is not None:
            x, y = self._bounded(x), self._bounded(y)
        holds = self._write(f"fcmp {order} double {x.value}, {y.value}")
        if x.lost != y.lost:
            # Rounding keeps the order, so what was lost decides only where the rest is equal.
            zero = _literal(0.0)
            rest = self._write(f"fcmp {order} double {x.lost or zero}, {y.lost or zero}")
            equal = self._write(f"fcmp oeq double {x.value}, {y.value}")
            less = self._write(f"fcmp olt double {x.value}, {y.value}")
            holds = self.both(equal, rest)
            if operator in ("lt", "le"):
                holds = self.either(less, holds)
        defined = self._both_defined(x, y)
        error = self._add_errors(x.error, y.error)
        if error is not None:
            difference = self._write(f"fsub double {x.value}, {y.value}")
            gap = self._call("fabs", _Value(difference, "double"))
            # The bounds were themselves rounded, a few times, by less than this in all.
            bound = self._write(f"fmul double {error}, {_literal(1 + 2.0**-20)}")
            uncertain = self._write(f"fcmp ole double {gap}, {bound}")
            inexact = self._write(f"fcmp une double {error}, {_literal(0.0)}")
            doubt = self.both(uncertain, inexact)
            self.doubts.append(doubt if defined is None else self.both(doubt, defined))
        if defined is not None:
            holds = self.both(holds, defined)
        return self.negated(holds) if operator == "ne" else holds

    # -- the loops -----------------------------------------------------------------------------

    def program(
        self, counts: dict[str, str], keys: dict[str, _Value], row_met: str = "true"
    ) -> Program:
        """Return the whole program, which counts propositions and keeps the greatest of keys.

        Rows for which ``row_met`` does not hold are left out: their results are all 0.
        """
        names = (*counts, *keys)
        word = "i64" if _carrier(self.system) == "double" else "i32"
        start, step, ends, stores = [], [], [], []
        for number, name in enumerate(names):
            kind = "i32" if name in counts else word
            start.append(f"%sum{number} = phi {kind} [ 0, %row ], [ %next{number}, %pair ]")
            if name in counts:
                step.append(f"%one{number} = zext i1 {counts[name]} to i32")
                step.append(f"%next{number} = add i32 %sum{number}, %one{number}")
            else:
                key = keys[name]
                # Floats that are not negative are in the order of their bits.
                step.append(f"%bits{number} = bitcast {key.type} {key.name} to {word}")
                step.append(f"%more{number} = icmp ugt {word} %bits{number}, %sum{number}")
                step.append(
                    f"%next{number} = select i1 %more{number}, "
                    f"{word} %bits{number}, {word} %sum{number}"
                )
            ends.append(f"%end{number} = phi {kind} [ 0, %row ], [ %next{number}, %pair ]")
            stores.append(f"%slot{number} = getelementptr i64, ptr %line, i64 {number}")
            wide = f"%end{number}"
            if kind == "i32":
                wide = f"%wide{number}"
                stores.append(f"{wide} = zext i32 %end{number} to i64")
            stores.append(f"store i64 {wide}, ptr %slot{number}")
        source = _LOOPS.format(
            element=_carrier(self.system),
            width=len(names),
            row_met=row_met,
            **{
                part: "\n  ".join(lines)
                for part, lines in {
                    "row": self.of_row,
                    "start": start,
                    "pair": self.of_pair,
                    "step": step,
                    "ends": ends,
                    "stores": stores,
                }.items()
            },
        )
        return Program(source, self.system.name, names, frozenset(keys))


#: Neither block of elements overlaps the results, and no block is empty.
_LOOPS = """\
declare float @llvm.fabs.f32(float)
declare double @llvm.fabs.f64(double)
declare double @llvm.floor.f64(double)
declare double @llvm.fma.f64(double, double, double)
declare float @llvm.copysign.f32(float, float)
declare i32 @llvm.umax.i32(i32, i32)
declare i64 @llvm.umax.i64(i64, i64)

define void @sweep(ptr noalias %rows, i64 %row_count, ptr noalias %columns, i64 %column_count,
                   ptr noalias %results) {{
entry:
  br label %row

row:
  %i = phi i64 [ 0, %entry ], [ %i_next, %row_end ]
  %a_at = getelementptr {element}, ptr %rows, i64 %i
  %a = load {element}, ptr %a_at
  {row}
  br i1 {row_met}, label %pair, label %row_end

pair:
  %j = phi i64 [ 0, %row ], [ %j_next, %pair ]
  {start}
  %b_at = getelementptr {element}, ptr %columns, i64 %j
  %b = load {element}, ptr %b_at
  {pair}
  {step}
  %j_next = add nuw nsw i64 %j, 1
  %columns_done = icmp eq i64 %j_next, %column_count
  br i1 %columns_done, label %row_end, label %pair

row_end:
  {ends}
  %line_at = mul i64 %i, {width}
  %line = getelementptr i64, ptr %results, i64 %line_at
  {stores}
  %i_next = add nuw nsw i64 %i, 1
  %rows_done = icmp eq i64 %i_next, %row_count
  br i1 %rows_done, label %end, label %row

end:
  ret void
}}
"""


def _carrier(system: FloatFormat) -> str:
    """Return the type of LLVM that holds the elements of a format."""
    return "double" if system.bits > 32 else "float"


def _literal(x: float) -> str:
    """Write a number of LLVM's, of float as of double, by the bits of the double."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', x))[0]:016X}"


def _exact_constant(number: Fraction) -> _Exact:
    numerator, denominator = abs(number.numerator), number.denominator
    trailing = max((numerator & -numerator).bit_length() - 1, 0)
    bits = max(numerator.bit_length() - trailing, 1)
    if denominator & (denominator - 1) or bits > _BITS:
        raise UnsupportedError(f"{number} is no float64")
    lowest = trailing + 1 - denominator.bit_length()
    highest = lowest + bits
    value = _literal(float(number) if highest <= _HIGHEST else 0.0)
    return _within(_Exact(value, None, lowest, highest, bits, None))


def _within(x: _Exact) -> _Exact:
    """Return the number; refuse what float64's exponents might not hold."""
    if x.lowest < _LOWEST or x.highest > _HIGHEST:
        raise UnsupportedError("an exact value past the range of float64")
    return x
