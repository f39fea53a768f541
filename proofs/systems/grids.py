"""Every binary float format at once, from what its floats are and what rounding is.

Beside :mod:`proofs.systems.binary`, which knows rounding by eight axioms, and apart from it so that
nothing is shared but how elements are written: here those axioms are theorems. A float is a
multiple of its ulp, a power of two, and has at most p bits. Rounding is to a multiple of the ulp of
the exact result, half of it away at most, where it is half to a multiple of twice the ulp. Of
multiples solvers are told that two of them are equal, or at least as far apart as the smaller of
the two powers; of powers that one is the other, or at least its double. That is told of all pairs
there are, so it serves for statements about few floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from proofs.systems.binary import AnyBinaryFormat, BinaryEncoder
from proofs.systems.number_system import SYSTEMS, Encoder, Script

#: Why something stands in a script, in words.
FLOAT, ROUNDED, APART, POWERS = (
    "a float has p bits", "rounded to the nearest, a tie to the even one",
    "multiples are equal or a step apart", "powers of two, p bits below others",
)  # fmt: skip


class Grids(AnyBinaryFormat):
    """All binary formats, a float as a multiple of its ulp."""

    def __init__(self, *, infinities: bool = True) -> None:
        super().__init__(infinities=infinities)
        self.name = f"grids of {self.name}"

    def encoder(self, script: Script) -> Encoder:
        """Return an encoder over Real with ulps."""
        return GridEncoder(script, self)

    def taken_for_granted(self, script: str) -> tuple[str, ...]:
        """Return in words what a script asserts of floats and their ulps."""
        return (FLOAT, ROUNDED, APART, POWERS)


@dataclass(frozen=True)
class _Power:
    """A power of two, and the one p bits above it, which floats with that ulp stay below."""

    ulp: str
    top: str


@dataclass(frozen=True)
class _Multiple:
    """A real number, and a power of two that it is a multiple of."""

    number: str
    step: str


class GridEncoder(BinaryEncoder):
    """Elements are Reals with a flag, as for :class:`~proofs.systems.binary.BinaryEncoder`."""

    def finish(self) -> None:
        """Assert what floats and roundings are, of every one met."""
        if self.linear and not self.unit:
            self.script.logic = "QF_LRA"
        self.least = self._power("least")
        self.powers = [self.least]
        floats = self._floats()
        results = [*self._results({x.number: x.step for x in floats})]
        if self.unit:
            self.powers.append(self._power("1", f"(* 2.0 {self.unit})", "2.0"))
        for power, other in combinations(self.powers, 2):
            self.script.require(_powers(power, other), f"{POWERS}: {power.ulp}, {other.ulp}")
        ends = [end for power in self.powers for end in self._ends(power)]
        zeros = [_Multiple("0.0", x.step) for x in (*floats, *results)]
        doubles = [
            _Multiple(self._times(x.number, "2.0"), self._times(x.step, "2.0")) for x in results
        ]
        multiples = [*floats, *results]
        for one, another in (
            *combinations(multiples, 2), *product(multiples, ends), *product(doubles, multiples),
            *zip(multiples, zeros, strict=True),
        ):  # fmt: skip
            self.script.require(_apart(one, another), f"{APART}: {one.number}, {another.number}")

    def _floats(self) -> list[_Multiple]:
        """Return every float that is no result, with its ulp."""
        operands = [x for one in self.roundings.values() for x in one.operands]
        results = {one.rounded for one in self.roundings.values()}
        found: list[_Multiple] = []
        for z in dict.fromkeys((*self.floats, *operands, *self.ulps)):
            if z not in results:
                found.append(_Multiple(z, self._of(z, f"of_float{len(found) + 1}").ulp))
                if z in self.ulps:
                    self.script.require(f"(= {self.ulps[z]} {found[-1].step})", f"{FLOAT}: {z}")
        return found

    def _results(self, ulps: Mapping[str, str]) -> Iterator[_Multiple]:
        """Yield every result, and before it is rounded if it is a sum."""
        for number, one in enumerate(self.roundings.values(), start=1):
            x, r = one.exact, one.rounded
            power = self._of(x, f"of_exact{number}")
            error = self.script.define(
                "Real", f"(* 2.0 (ite (<= {x} {r}) (- {r} {x}) (- {x} {r})))"
            )
            self.script.require(f"(<= {error} {power.ulp})", f"{ROUNDED}: {x}")
            twice = self._times(power.ulp, "2.0")
            step = f"(ite (= {error} {power.ulp}) {twice} {power.ulp})"
            yield _Multiple(r, self.script.define("Real", step))
            if one.operands:
                s, t = (ulps.get(z, self.least.ulp) for z in one.operands)
                yield _Multiple(x, self.script.define("Real", f"(ite (<= {s} {t}) {s} {t})"))

    def _power(self, name: str, ulp: str = "", top: str = "") -> _Power:
        """Return a power of two and the one p bits above it, new ones unless they are given."""
        power = _Power(
            ulp or self.script.declare(f"ulp_{name}", "Real"),
            top or self.script.declare(f"top_{name}", "Real"),
        )
        said = f"(and (< 0.0 {power.ulp}) (<= (* 4.0 {power.ulp}) {power.top}))"
        self.script.require(said, f"{POWERS}: {power.ulp}")
        if self.unit:
            exactly = f"(= (* {self.unit} {power.top}) {power.ulp})"
            self.script.require(exactly, f"{POWERS}: {power.ulp}")
        return power

    def _ends(self, power: _Power) -> Iterator[_Multiple]:
        """Yield the ends of the binade of an ulp: multiples of its double, for p is 2 or more."""
        half = self._times(power.top, "0.5")
        step = self._times(power.ulp, "2.0")
        for end in (power.top, self._negative(power.top), half, self._negative(half)):
            yield _Multiple(end, step)

    def _of(self, z: str, name: str) -> _Power:
        """Return the ulp of a number, which has less than p bits only where it is the least."""
        power, least = self._power(name), self.least.ulp
        self.powers.append(power)
        normal = f"(or (<= (* 0.5 {power.top}) {z}) (<= {z} (* (- 0.5) {power.top})))"
        inside = f"(< {z} {power.top}) (< (- {power.top}) {z}) (<= {least} {power.ulp})"
        self.script.require(
            f"(and {inside} (or (= {power.ulp} {least}) {normal}))", f"{FLOAT}: {z}"
        )
        return power


def _powers(one: _Power, other: _Power) -> str:
    """Write that two powers are one, or that one is the double of the other or more."""
    places = ((one.ulp, other.ulp), (one.top, other.top))
    related = [
        " ".join(f"({relation} (* {factor} {x}) {y})" for x, y in pairs)
        for relation, factor in (("=", "2.0"), ("<=", "4.0"))
        for pairs in (places, [(y, x) for x, y in places])
    ]
    same = " ".join(f"(= {x} {y})" for x, y in places)
    return f"(or {' '.join(f'(and {said})' for said in (same, *related))})"


def _apart(one: _Multiple, other: _Multiple) -> str:
    """Write that two multiples are equal, or as far apart as the smaller one of their steps."""
    x, y = one.number, other.number
    step = f"(ite (<= {one.step} {other.step}) {one.step} {other.step})"
    step = one.step if one.step == other.step else step
    return f"(or (= {x} {y}) (<= (+ {x} {step}) {y}) (<= (+ {y} {step}) {x}))"


GRIDS = SYSTEMS["binary"].by_definition = Grids()
SATURATING_GRIDS = SYSTEMS["saturating_binary"].by_definition = Grids(infinities=False)
