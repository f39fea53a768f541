"""How far a computed output may be from the exact one: one graph, walked from input to output.

Every node has the range of its exact value, the range of what is computed, and a bound on the
distance of both. The range of an exact value is that of its normal form. A merge m + ReLU(t − m) is
one step, whose errors do not add up. The rules are derived in ``docs/tolerance.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from verify.judge.symbols.classes import Pattern, Vertex
from verify.judge.symbols.normal_form import NoNormalFormError, NormalForms
from verify.judge.symbols.terms import TRUTHS
from verify.judge.tolerance.noise import Noise, Passed
from verify.judge.tolerance.ranges import Ranges
from verify.judge.tolerance.rounding import ZERO, Interval, Rounding, root, sum_roundings
from verify.judge.tolerance.signs import signed

NOTHING = Interval(ZERO, ZERO)


class UnknownRoundingError(Exception):
    """Nothing bounds what is computed; the message says why."""


@dataclass(frozen=True)
class Known:
    """What is known of a node: exactly, as computed, and how far apart both are at most."""

    exact: Interval
    computed: Interval
    error: Fraction
    #: ρ and α: it is off by at most ρ times the exact value, and α.
    relative: tuple[Fraction, Fraction] | None = None

    def __neg__(self) -> Known:
        return Known(-self.exact, -self.computed, self.error)


@dataclass(frozen=True)
class Truth:
    """A truth value, and whether what is computed is surely the same."""

    sure: bool


@dataclass(frozen=True)
class Bound:
    """A bound on the distance of two computed outputs, or of one from an exact one."""

    error: Fraction
    #: The range of the exact value.
    exact: Interval
    #: Whether something on the way may be beyond the largest number.
    overflows: bool


class Bounds:
    """The nodes of one graph, with what is known of each."""

    def __init__(
        self,
        pattern: Pattern,
        variables: Mapping[int, Interval],
        system: FloatFormat,
        reading: Callable[[Fraction], Fraction],
    ) -> None:
        """Walk a graph.

        Args:
            pattern: The graph.
            variables: The range of every variable, by its node.
            system: The format in which is computed.
            reading: How far a number of the module may be from the fraction that it is read as.

        Raises:
            UnknownRoundingError: Nothing bounds a node.
        """
        self.nodes = pattern.nodes
        self.variables = variables
        self.rounding = Rounding(system)
        #: Wider formats in which kernels may add up before they round.
        self.wider: list[Rounding] = []
        with suppress(UnsupportedError):
            self.wider.append(Rounding(system.wider))
        self.reading = reading
        self.overflows = False
        self.forms: list[Any] = []
        self.normal = NormalForms()
        self.ranges = Ranges(self.normal, variables)
        self.noise = Noise(self.normal, self.ranges, self.nodes)
        self.found: list[Any] = []
        for number, node in enumerate(self.nodes):
            self.found.append(self._next(number, node))

    def _next(self, number: int, node: Vertex) -> Any:
        """Return what is known of the next node."""
        form = self._form(number, node)
        self.forms.append(form)
        if node.operator in TRUTHS:
            self.noise.skip()
            return self._truth(node)
        if node.operator == "constant" and isinstance(node.value, bool | float):
            self.noise.constant(form)
            return Truth(True) if isinstance(node.value, bool) else node.value
        is_number = isinstance(form, tuple) and not (form and isinstance(form[0], bool))
        found = self._node(number, node, self.ranges.of(form) if is_number else None)
        error = self.noise.error(
            number, node, form, found.error, self._own(node, found), self._passed(node)
        )
        computed = found.computed.meet(found.exact.widened(error))
        return replace(
            found, computed=computed, error=error, relative=self._relative(number, found)
        )

    def _form(self, number: int, node: Vertex) -> Any:
        args = [self.forms[a] for a in node.args]
        if any(arg is None for arg in args):
            return None
        try:
            return self.normal.formed(number, node, args)
        except NoNormalFormError:
            return None

    def _own(self, node: Vertex, found: Known) -> Fraction | None:
        """Return what a node adds to the errors of its arguments, where it adds or chooses."""
        if node.operator in ("variable", "constant"):
            return found.error
        if node.operator in ("max", "min"):
            return ZERO
        if node.operator != "linear" or self._biased(node):
            return None
        if self._cancels(node):
            return ZERO
        # Back to a power of two a rounding makes up for errors before it, and is no smaller for it.
        # So here what is computed of the arguments counts as exact.
        parts, carried = [], ZERO
        for weight, arg in zip(node.weights, node.args, strict=True):
            x = self.found[arg]
            parts.append(_Part(weight, Known(x.computed, x.computed, ZERO), arg))
            carried += abs(weight) * x.error
        return self._sum(parts, found.exact.widened(carried)).error

    def distance(self, left: int, right: int, *, executed: bool) -> Bound:
        """Return a bound on the distance of what is computed on the left from the right.

        Args:
            left: A node.
            right: Another, with the same exact value.
            executed: Whether the right one is computed as well.
        """
        mine, other = self.found[left], self.found[right]
        if isinstance(mine, float) or isinstance(other, float):  # an infinity on both sides
            return Bound(ZERO, NOTHING, self.overflows)
        error = mine.error + (other.error if executed else ZERO)
        if executed and left == right and self._is_one_number(left):
            error = ZERO
        return Bound(error, mine.exact.meet(other.exact), self.overflows)

    def _is_one_number(self, number: int) -> bool:
        """Say whether what is computed of a node is the same wherever it is used.

        Only a known number that is rounded may be rounded to two formats.
        """
        return self.nodes[number].operator != "constant" or not self.found[number].error

    # -- nodes -----------------------------------------------------------------------------------

    def _truth(self, node: Vertex) -> Truth:
        args = [self.found[a] for a in node.args]
        if all(isinstance(a, Truth) for a in args):
            return Truth(all(a.sure for a in args))
        if any(not isinstance(a, Known) for a in args):
            return Truth(False)
        x, y = args
        if x.error == y.error == 0:
            return Truth(True)
        apart = x.exact.high < y.exact.low and x.computed.high < y.computed.low
        turned = y.exact.high < x.exact.low and y.computed.high < x.computed.low
        return Truth(apart or turned)

    def _node(self, number: int, node: Vertex, known: Interval | None) -> Known:
        if node.operator == "variable":
            inside = self.variables[number]
            return Known(inside, self.rounding.range(inside), ZERO)
        if node.operator == "constant":
            assert node.value is not None
            value = Fraction(node.value)
            error = self.reading(value)
            exact = Interval(value, value)
            return Known(exact, exact.widened(error), error)
        args = [self.found[a] for a in node.args]
        again = signed(self.nodes, node)
        if again is not None:
            x, whole = again
            zero = [Known(NOTHING, NOTHING, ZERO)] if whole else []
            return self._largest([self.found[x], *zero], known, smallest=False)
        if node.operator in ("max", "min"):
            return self._largest(args, known, smallest=node.operator == "min")
        if any(isinstance(a, float) for a in args):
            raise UnknownRoundingError(f"{node.operator} of an infinity or of NaN")
        match node.operator:
            case "linear":
                return self._linear(node, known)
            case "mul":
                return self._product(args[0], args[1], known, square=self._is_square(node))
            case "div":
                return self._quotient(args[0], args[1], known)
            case "select":
                return self._choice(args[0], args[1], args[2], known)
            case "sqrt":
                return self._root(args[0], known)
            case "pick":
                raise UnknownRoundingError("which of nearly equal elements is the largest")
        raise UnknownRoundingError(f"the rounding of {node.operator}")

    def _largest(self, args: Sequence[Any], known: Interval | None, *, smallest: bool) -> Known:
        endless = math.inf if smallest else -math.inf
        some = [a for a in args if not (isinstance(a, float) and a == endless)]
        if not some or any(not isinstance(a, Known) for a in some):
            raise UnknownRoundingError("an extreme of infinities or of NaN")
        if smallest:
            some = [-a for a in some]
            known = None if known is None else -known
        low = max(a.computed.low for a in some)
        least = max(a.exact.low for a in some)
        some = [a for a in some if a.computed.high >= low or a.exact.high >= least]
        exact = Interval(least, max(a.exact.high for a in some))
        computed = Interval(low, max(a.computed.high for a in some))
        error = max(a.error for a in some)
        found = self._closed(exact, known, computed, error)
        return -found if smallest else found

    def _closed(
        self, exact: Interval, known: Interval | None, computed: Interval, error: Fraction
    ) -> Known:
        """Return a node of which several things are known."""
        if known is not None:
            exact = exact.meet(known)
        return Known(exact, computed.meet(exact.widened(error)), error)

    def _rounded(
        self, exact: Interval, known: Interval | None, to_round: Interval, error: Fraction,
        *, of_sum: bool,
    ) -> Known:  # fmt: skip
        """Return what one rounding makes of a number that is ``error`` away from the exact one."""
        if known is not None:
            exact = exact.meet(known)
        to_round = to_round.meet(exact.widened(error))
        if self.rounding.overflows(to_round):
            self.overflows = True
        added = self.rounding.excess(exact.magnitude, error, of_sum=of_sum)
        least = self.rounding.error(to_round.magnitude, of_sum=of_sum)
        error += min(added, least)
        return Known(exact, self.rounding.range(to_round).meet(exact.widened(error)), error)

    def _product(self, x: Known, y: Known, known: Interval | None, *, square: bool) -> Known:
        exact, computed = x.exact * y.exact, x.computed * y.computed
        if square:
            exact, computed = (
                Interval(max(part.low, ZERO), part.high) for part in (exact, computed)
            )
        error = x.exact.magnitude * y.error + y.exact.magnitude * x.error + x.error * y.error
        return self._rounded(exact, known, computed, error, of_sum=False)

    def _is_square(self, node: Vertex) -> bool:
        return node.args[0] == node.args[1] and self._is_one_number(node.args[0])

    def _quotient(self, x: Known, y: Known, known: Interval | None) -> Known:
        least = min(y.exact.smallest, y.computed.smallest)
        if least <= 0 or y.exact.smallest - y.error <= 0:
            raise UnknownRoundingError("a division by what may be 0")
        exact, computed = (
            part * Interval(1 / other.high, 1 / other.low)
            for part, other in ((x.exact, y.exact), (x.computed, y.computed))
        )
        if known is not None:
            exact = exact.meet(known)
        error = (x.error + exact.magnitude * y.error) / (y.exact.smallest - y.error)
        return self._rounded(exact, known, computed, error, of_sum=False)

    def _root(self, x: Known, known: Interval | None) -> Known:
        """Return a square root, which kernels give to less than one unit in the last place."""
        if x.exact.low < 0 or x.computed.low < 0:
            raise UnknownRoundingError("a root of what may be computed as less than 0")
        exact, computed = (
            Interval(root(part.low, up=False), root(part.high, up=True))
            for part in (x.exact, x.computed)
        )
        if known is not None:
            exact = exact.meet(known)
        error = root(x.error, up=True)
        if x.exact.low > x.error:
            below = root(x.exact.low, up=False) + root(x.exact.low - x.error, up=False)
            error = min(error, x.error / below)
        if x.relative is not None and x.relative[0] < 1:
            ratio, more = x.relative
            off = (1 - root(1 - ratio, up=False)) * exact.high + root(more, up=True)
            error = min(error, off)
        computed = computed.meet(exact.widened(error))
        gap = self.rounding.gap(computed.magnitude)
        return Known(
            exact, Interval(max(computed.low - gap, ZERO), computed.high + gap), error + gap
        )

    def _relative(self, number: int, found: Known) -> tuple[Fraction, Fraction] | None:
        """Return how far a node is off in proportion to itself: ρ, and α that is added.

        Differences of two elements, products, and sums of what is never negative: their roundings
        are parts of the results, but for what underflow adds.
        """
        node = self.nodes[number]
        if found.error == 0:
            return ZERO, ZERO
        unit, least = Fraction(1, 1 << self.rounding.precision), self.rounding.tiniest / 2
        if node.operator == "mul":
            again = signed(self.nodes, node)
            if again is not None:
                relative: tuple[Fraction, Fraction] | None = self.found[again[0]].relative
                return relative
            factor = 1 + unit
            for arg in node.args:
                if self.found[arg].relative is None or self.found[arg].relative[1]:
                    return None
                factor *= 1 + self.found[arg].relative[0]
            return factor - 1, least
        if node.operator == "linear" and len(node.args) == 2 and not self.rounding.flushes:
            exact = all(self.found[a].error == 0 for a in node.args)
            if exact and all(abs(weight) == 1 for weight in node.weights):
                return unit, ZERO
        if found.exact.low < 0 or found.computed.low < 0:
            return None
        if node.operator != "linear" or not node.args or min(node.weights) <= 0:
            return None
        parts = [self.found[a] for a in node.args]
        if any(part.relative is None or part.computed.low < 0 for part in parts):
            return None
        # Every number on the way is rounded as a product, in a wider format perhaps before, and
        # as often as there are additions; or in the wider format, and once more.
        factor, more = Fraction(1), ZERO
        for part, weight in zip(parts, node.weights, strict=True):
            assert part.relative is not None
            own_factor = (1 + part.relative[0]) * (1 + self.reading(weight) / weight)
            factor = max(factor, own_factor)
            more += part.relative[1] * weight + self.reading(weight) * part.relative[1]
        plain = all(weight == 1 for weight in node.weights)
        scaled = any(self.reading(w) or not self.rounding.product_is_exact(w) for w in node.weights)
        wide = sum((Fraction(1, 1 << w.precision) for w in self.wider[:1]), ZERO)
        count = len(parts) - 1
        added = max((1 + unit) ** count, (1 + wide) ** count * (1 + unit) if count > 1 else ZERO)
        factor *= added
        if not plain:
            factor *= (1 + unit) * (1 + wide) if scaled else 1
            more = more * (1 + unit) * (1 + wide) + 2 * len(parts) * least
        more = more * added + (least if count > 1 or not plain else ZERO)
        if self.rounding.flushes:
            sizes = (w + p.computed.magnitude + 2 for p, w in zip(parts, node.weights, strict=True))
            more += sum(sizes, start=ZERO) * self.rounding.normal
        return factor - 1, more

    def _choice(self, condition: Truth, x: Any, y: Any, known: Interval | None) -> Known:
        if not isinstance(x, Known) or not isinstance(y, Known):
            raise UnknownRoundingError("a choice of an infinity or of a truth value")
        error = max(x.error, y.error)
        if not condition.sure:
            apart = x.exact - y.exact
            error += apart.magnitude
        return self._closed(x.exact.hull(y.exact), known, x.computed.hull(y.computed), error)

    # -- sums ------------------------------------------------------------------------------------

    def _linear(self, node: Vertex, known: Interval | None) -> Known:
        pairs = list(zip(node.weights, node.args, strict=True))
        if self._cancels(node):
            return Known(NOTHING, NOTHING, ZERO)
        readings = [self._step(parts, known) or self._sum(parts, known)
                    for parts in self._parts(pairs)]  # fmt: skip
        found = min(readings, key=lambda node: node.error)
        flat = self._biased(node)
        if flat:
            other = self._sum([_Part(w, self.found[a], a) for w, a in flat], known)
            error = max(found.error, other.error)
            found = Known(found.exact, found.computed.hull(other.computed), error)
        return found

    def _biased(self, node: Vertex) -> list[tuple[Fraction, int]]:
        """Return the products of a convolution and its bias, which may be added before they are.

        Of any other sum nothing is returned.
        """
        if len(node.args) != 2 or all(self.nodes[a].operator != "constant" for a in node.args):
            return []
        flat = self._flat(list(zip(node.weights, node.args, strict=True)), plain=False)
        return flat if len(flat) > len(node.args) else []

    def _cancels(self, node: Vertex) -> bool:
        """Say whether a node is x − x."""
        if len(node.args) != 2 or len(set(node.args)) != 1 or sum(node.weights) != 0:
            return False
        return self._is_one_number(node.args[0])

    def _parts(self, pairs: Sequence[tuple[Fraction, int]]) -> list[list[_Part]]:
        """Return the weighted arguments of a sum, in all ways in which they may be read.

        What passes through two ReLUs, as v in m + ReLU(v) − ReLU(−v), is one argument: one of both
        adds 0, in whatever order. So they are looked for in sums of sums, too.
        """
        flat = self._flat(pairs, plain=True)
        found = [self._paired(pairs)]
        if len(flat) > len(pairs):
            paired = self._paired(flat)
            if len(paired) < len(flat):
                found.append(paired)
        return found

    def _flat(
        self, pairs: Sequence[tuple[Fraction, int]], *, plain: bool
    ) -> list[tuple[Fraction, int]]:
        """Return the arguments of a sum, those of sums in it instead of these.

        With ``plain`` only sums without factors are looked into.
        """
        found: list[tuple[Fraction, int]] = []
        for weight, arg in pairs:
            inner = self.nodes[arg]
            if (
                abs(weight) == 1 and inner.operator == "linear" and len(inner.args) > 1
                and not (plain and any(abs(w) != 1 for w in inner.weights))
            ):  # fmt: skip
                below = zip(inner.weights, inner.args, strict=True)
                found += self._flat([(weight * w, a) for w, a in below], plain=plain)
            else:
                found.append((weight, arg))
        return found

    def _paired(self, pairs: Sequence[tuple[Fraction, int]]) -> list[_Part]:
        """Return the arguments of a sum; what passes through two ReLUs is one."""
        single, passed = self._matched(pairs)
        found = [_Part(weight, self.found[arg], arg) for weight, arg in single]
        for one in passed:
            found += self._through(one)
        return found

    def _passed(self, node: Vertex) -> list[Passed]:
        """Return what passes through two ReLUs into a sum."""
        if node.operator != "linear":
            return []
        return self._matched(list(zip(node.weights, node.args, strict=True)))[1]

    def _matched(
        self, pairs: Sequence[tuple[Fraction, int]]
    ) -> tuple[list[tuple[Fraction, int]], list[Passed]]:
        """Return the arguments of a sum, and apart from them what passes through two ReLUs."""
        single: list[tuple[Fraction, int]] = []
        passed: list[Passed] = []
        waiting = list(pairs)
        while waiting:
            weight, arg = waiting.pop(0)
            partner = self._opposite(weight, arg, waiting)
            if partner is None:
                single.append((weight, arg))
                continue
            waiting.remove((-weight, partner))
            value, negated = self._relu(arg), self._relu(partner)
            assert value is not None
            assert negated is not None
            passed.append(Passed(weight, arg, partner, value, negated))
        return single, passed

    def _relu(self, number: int) -> int | None:
        """Return the argument of a ReLU, ``None`` if the node is none."""
        node = self.nodes[number]
        if node.operator != "max" or len(node.args) != 2:
            return None
        for here, there in (node.args, node.args[::-1]):
            other = self.nodes[here]
            if other.operator == "constant" and other.value == 0:
                return there
        return None

    def _opposite(
        self, weight: Fraction, arg: int, others: Sequence[tuple[Fraction, int]]
    ) -> int | None:
        """Return the other ReLU of a pair ReLU(v) − ReLU(−v)."""
        inner = self._relu(arg)
        if inner is None or not self.forms[inner]:
            return None
        for factor, other in others:
            there = self._relu(other)
            if factor != -weight or there is None or self.forms[there] is None:
                continue
            mine, its = dict(self.forms[inner]), dict(self.forms[there])
            if mine.keys() == its.keys() and all(mine[m] == -its[m] for m in mine):
                return other
        return None

    def _through(self, one: Passed) -> list[_Part]:
        weight, first, second = one.weight, one.value, one.negated
        for here, there, sign in ((first, second, 1), (second, first, -1)):
            node = self.nodes[there]
            if node.operator == "linear" and node.args == (here,) and node.weights[0] == -1:
                # The negation is exact: one of both ReLUs is 0.
                return [_Part(weight * sign, self.found[here], here)]
        x, y = self.found[first], self.found[second]
        error = max(x.error, y.error)
        both = Known(
            x.exact.meet(-y.exact),
            Interval(-max(y.computed.high, ZERO), max(x.computed.high, ZERO)),
            error,
        )
        # Close to 0 both may be above it: then there is one summand more.
        small = Interval(ZERO, max(ZERO, min(error, x.computed.high, y.computed.high)))
        one_more = [_Part(weight, Known(NOTHING, small, ZERO))] if small.high else []
        # It is no node: what passes may be the negation of the other one, rounded otherwise.
        return [_Part(weight, both), *one_more]

    def _step(self, parts: Sequence[_Part], known: Interval | None) -> Known | None:
        """Return m + ReLU(t − m), or what it is with signs turned; ``None`` if it is none."""
        if len(parts) != 2 or any(abs(part.weight) != 1 for part in parts):
            return None
        for m, r in (parts, parts[::-1]):
            inner = None if r.number is None else self._relu(r.number)
            if inner is None or m.number is None or not self._is_one_number(m.number):
                continue
            difference = self.nodes[inner]
            if difference.operator != "linear":
                continue
            pairs = list(zip(difference.weights, difference.args, strict=True))
            below = self._paired(pairs)
            if len(below) != 2 or any(abs(part.weight) != 1 for part in below):
                continue
            for t, again in (below, below[::-1]):
                if again.number == m.number and again.weight == -r.weight * m.weight:
                    sign = r.weight
                    made = self._merged(
                        t.node if t.weight > 0 else -t.node,
                        m.node if m.weight * sign > 0 else -m.node,
                        known if known is None or sign > 0 else -known,
                    )
                    return made if sign > 0 else -made
        return None

    def _merged(self, t: Known, m: Known, known: Interval | None) -> Known:
        """Return max(t, m) as m + ReLU(t − m): m as it is, or t and the error of one step."""
        rounding = self.rounding
        difference = t.computed.high - m.computed.low
        first = rounding.error(difference, of_sum=True) if difference > 0 else ZERO
        step = min(2 * first, first + rounding.excess(t.computed.magnitude, first, of_sum=True))
        to_round = t.computed.widened(first)
        if rounding.overflows(to_round):
            self.overflows = True
        rounded = rounding.range(to_round)
        exact = Interval(max(t.exact.low, m.exact.low), max(t.exact.high, m.exact.high))
        computed = Interval(max(m.computed.low, rounded.low), max(m.computed.high, rounded.high))
        lost = 12 * rounding.normal if rounding.flushes else ZERO
        error = max(m.error, t.error + step) + lost
        return self._closed(
            exact, known, computed.hull(Interval(-lost, lost)) if lost else computed, error
        )

    def _sum(self, parts: Sequence[_Part], known: Interval | None) -> Known:
        exact = NOTHING
        for part in parts:
            exact = exact + part.node.exact.times(part.weight)
        if known is not None:
            exact = exact.meet(known)
        each = [self._scaled(part.weight, part.node) for part in parts]
        plain = all(abs(part.weight) == 1 for part in parts)
        ways = [self._added(each, exact, plain=plain)]
        factor = abs(parts[0].weight)
        if len(parts) > 1 and factor != 1 and all(abs(p.weight) == factor for p in parts):
            # The sum may be scaled instead of its summands.
            signed = [p.node if p.weight > 0 else -p.node for p in parts]
            whole = self._added(signed, exact.times(1 / factor), plain=True)
            ways.append(self._scaled(factor, whole, exact))
        computed = ways[0].computed
        for way in ways[1:]:
            computed = computed.hull(way.computed)
        lost = ZERO
        if self.rounding.flushes:
            # Each element, each weight, each product and each sum may be taken for 0.
            sizes = (abs(p.weight) + p.node.computed.magnitude + 2 for p in parts)
            lost = sum(sizes, start=ZERO) * self.rounding.normal
        error = max(way.error for way in ways) + lost
        if lost:
            computed = computed.hull(Interval(-lost, lost))
        if all(part.weight > 0 and part.node.computed.low >= 0 for part in parts):
            computed = Interval(max(computed.low, ZERO), computed.high)  # sums of no negatives
        return self._closed(exact, known, computed, error)

    def _scaled(self, weight: Fraction, x: Known, known: Interval | None = None) -> Known:
        """Return a known number times a node."""
        if abs(weight) == 1:
            return x if weight > 0 else -x
        off = self.reading(weight)
        factor = Interval(weight, weight).widened(off)
        exact = x.exact.times(weight)
        to_round = x.computed * factor
        error = abs(weight) * x.error + off * x.computed.magnitude
        if off == 0 and self.rounding.product_is_exact(weight):
            if known is not None:
                exact = exact.meet(known)
            if self.rounding.overflows(to_round):
                self.overflows = True
            error += self.rounding.tiniest / 2 if abs(weight) < 1 else ZERO
            return Known(exact, self.rounding.range(to_round), error)
        # Where a kernel multiplies in a wider format, it rounds there too.
        error += max((wide.error(to_round.magnitude, of_sum=False) for wide in self.wider),
                     default=ZERO)  # fmt: skip
        return self._rounded(exact, known, to_round, error, of_sum=False)

    def _added(self, parts: Sequence[Known], exact: Interval, *, plain: bool) -> Known:
        """Return a sum, whatever the order in which it is taken and in whatever wider format.

        Two floats have one sum: rounding it twice, first to a format of more than twice the
        precision, is rounding it once.
        """
        if len(parts) == 1:
            return Known(exact.meet(parts[0].exact), parts[0].computed, parts[0].error)
        fewer = self._without_specks(parts)
        if len(fewer) == len(parts):
            return self._added_all(parts, exact, plain=plain)
        ways = [self._added_all(parts, exact, plain=plain)]
        if len(fewer) == 1:
            (x,) = fewer
            ways.append(Known(exact, x.computed, x.error))
        else:
            ways.append(self._added_all(fewer, exact, plain=False))
        return min(ways, key=lambda way: way.error)

    def _added_all(self, parts: Sequence[Known], exact: Interval, *, plain: bool) -> Known:
        computed, carried = NOTHING, ZERO
        for part in parts:
            computed, carried = computed + part.computed, carried + part.error
        sizes = [part.computed.magnitude for part in parts]
        if not self.rounding.system.in_range(sum(sizes, ZERO)) and len(parts) > 2:
            self.overflows = True
        own = sum_roundings(self.rounding, sizes)
        before = sum(own[:-1], ZERO)
        last = self._rounded(exact, None, computed.widened(before), carried + before, of_sum=True)
        if len(parts) == 2 and plain:
            return last
        error = min(last.error, carried + before + own[-1])
        for wider in self.wider:
            inside = carried + sum(sum_roundings(wider, sizes))
            cast = self._rounded(exact, None, exact.widened(inside), inside, of_sum=True)
            error = max(error, cast.error)
        return Known(exact, exact.widened(error), error)

    def _without_specks(self, parts: Sequence[Known]) -> Sequence[Known]:
        """Return the summands of a sum without those far below the last place of the largest.

        Where such a speck is added to a float, that float is as near to the sum as the speck is
        large, and so what the addition is rounded to is off by no more than it. What comes out, of
        whatever precision, is another float for that summand, off by twice as much.
        """
        sizes = [max(part.computed.magnitude, part.exact.magnitude) for part in parts]
        least = max(sizes) / (1 << (self.rounding.precision + 4))
        large = [part for part, size in zip(parts, sizes, strict=True) if size > least]
        if not large or len(large) == len(parts):
            return parts
        small = [part for part, size in zip(parts, sizes, strict=True) if size <= least]
        moved = 8 * sum((part.computed.magnitude for part in small), ZERO)
        off = moved + sum((part.exact.magnitude for part in small), ZERO)
        return [Known(part.exact, part.computed.widened(moved), part.error + off) for part in large]


@dataclass(frozen=True)
class _Part:
    """A weighted argument of a sum, and the node that it is if it is one."""

    weight: Fraction
    node: Known
    number: int | None = None
