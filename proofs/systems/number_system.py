"""What every number system provides: exact arithmetic, tensors, and an SMT-LIB encoding.

A number system describes itself, and nobody else keeps a table of systems: what it assumes, the
head of its column, the dtypes of its tensors, how it is drawn. It has three faces, and each face
is an interpreter of the same terms.
The *exact* face computes on plain Python numbers and rounds, wraps or saturates by its own code;
the *tensor* face lets torch compute in the real dtype; the *encoder* writes SMT-LIB. The faces
share nothing but the statement, so each can find the others wrong.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from proofs.operators import NoElementError as NoElementError
from proofs.operators import UnsupportedError as UnsupportedError
from proofs.operators import operator as row_of

if TYPE_CHECKING:
    import torch
    from hypothesis.strategies import SearchStrategy

#: An element of a number system: ``Fraction`` (reals), ``int`` (integers) or ``float`` (floats).
Element = Fraction | int | float


@dataclass
class Script:
    """An SMT-LIB script in the making: declarations, definitions and assertions in order."""

    logic: str
    lines: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    def declare(self, name: str, sort: str) -> str:
        """Declare a constant and return its name.

        Raises ``ValueError`` if the script uses the name for something of its own.
        """
        if name in self.declared or re.fullmatch(r"t\d+", name):
            raise ValueError(f"the name {name} is taken: scripts use it; rename the variable")
        self.declared.add(name)
        self.lines.append(f"(declare-const {name} {sort})")
        return name

    def define(self, sort: str, body: str, comment: str = "") -> str:
        """Name ``body``, once however often it occurs, and return the name."""
        if body not in self.names:
            name = f"t{len(self.names) + 1}"
            self.names[body] = name
            note = f" ; {comment}" if comment else ""
            self.lines.append(f"(define-fun {name} () {sort} {body}){note}")
        return self.names[body]

    def require(self, body: str, comment: str = "") -> None:
        """Assert ``body``."""
        note = f" ; {comment}" if comment else ""
        self.lines.append(f"(assert {body}){note}")

    def render(self) -> str:
        """Return the script up to and including ``check-sat``."""
        return "\n".join([f"(set-logic {self.logic})", *self.lines, "(check-sat)"]) + "\n"


class Encoder(ABC):
    """Writes the terms of one obligation as SMT-LIB expressions over one number system."""

    #: The SMT sorts of elements and of exact values, and which entry of a row is for which.
    number_sort: str
    exact_sort: str
    number_theory: str
    exact_theory: str
    #: What templates of the theory of elements may name.
    words: Mapping[str, str]

    def __init__(self, script: Script) -> None:
        self.script = script

    @abstractmethod
    def variable(self, name: str) -> str:
        """Declare a variable that ranges over the system."""

    @abstractmethod
    def constant(self, leaf: Any) -> str:
        """Write an element that a constant of a statement names."""

    def number(self, operator: str, args: Sequence[str]) -> str:
        """Write an operation on elements."""
        return row_of(operator).written(self.number_theory, args, self.words)

    def relation(self, operator: str, args: Sequence[str]) -> str:
        """Write a relation of elements."""
        return row_of(operator).written(self.number_theory, args, self.words)

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write an operation on exact values."""
        raise UnsupportedError(f"exact {operator}")

    def select(self, args: Sequence[str]) -> str:
        """Write a choice by a condition between elements or exact values."""
        return f"(ite {' '.join(args)})"

    def exact_relation(self, operator: str, args: Sequence[str]) -> str:
        """Write a relation of exact values."""
        return row_of(operator).written(self.exact_theory, args, {})

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Write ``finite(x)``, ``exact(a ± b)`` or ``in_range(a ± b)``.

        ``operation`` is the operator under the predicate, ``args`` its operands; for ``finite``
        the operand itself.
        """
        raise UnsupportedError(operator)

    def wider(self) -> Encoder:
        """Return an encoder of the wider system that writes into the same script."""
        raise UnsupportedError("no encoding of a wider number system")

    def widened(self, x: str) -> str:
        """Write an element as one of the wider system."""
        return x

    def narrowed(self, x: str) -> str:
        """Write an element of the wider system, fitted into this one."""
        return x

    def finish(self) -> None:  # noqa: B027 - most encoders have nothing to add
        """Assert what can only be said once the whole obligation has been seen."""


class NumberSystem(ABC):
    """A number system: its name, what it assumes, and its three faces."""

    #: Name on the command line and in reports.
    name: str
    #: One line for people.
    title: str
    #: Head of its column where there is no room for the name: two lines, the kind above the size.
    column: str
    #: What a verdict in this system takes for granted.
    assumes: str
    #: The system that claims speak for when they speak of neither. One that is like another is no
    #: column of the matrix unless it is asked for.
    like: str = ""
    #: How many bits an element takes, ``None`` for systems no machine holds.
    bits: int | None = None
    #: Spelling of the torch dtype that holds elements, ``None`` for systems no tensor holds.
    dtype: str | None = None
    #: Spelling of the dtype in which torch computes, before the result is brought into ``dtype``.
    computed_in: str | None = None
    #: SMT logic of the encoding, ``None`` where there is no encoding.
    logic: str | None = None
    #: Whether every tuple of elements can be tried in a moment.
    enumerable: bool = False
    #: Whether arithmetic is that of mathematics: nothing wraps, saturates or rounds.
    exact: bool = False
    #: Whether all elements are whole numbers.
    whole: bool = False
    #: Whether a model of its encoding is a counterexample, and not only one of its axioms.
    decided_by_models: bool = True
    #: A system that says the same in more elementary words, if there is one: it is asked about what
    #: is out of a solver's reach in this one.
    by_definition: NumberSystem | None = None

    @property
    def at_once(self) -> NumberSystem | None:
        """Return the system in which all like this one are judged at once, if there is one.

        What is proved there is proved here.
        """
        return None

    def taken_for_granted(self, script: str) -> tuple[str, ...]:
        """Return in words the axioms that a script of this system asserts."""
        return ()

    @property
    def bytes(self) -> Fraction | None:
        """How many bytes an element takes, packed."""
        return None if self.bits is None else Fraction(self.bits, 8)

    def instances(self) -> Sequence[NumberSystem]:
        """Return the concrete systems to try, where this one stands for many."""
        return (self,)

    # -- the exact face ------------------------------------------------------------------------

    @abstractmethod
    def constant(self, number: int | Fraction) -> Element:
        """Return the element that a constant of a statement names."""

    @abstractmethod
    def operation(self, operator: str) -> Callable[..., Any]:
        """Return the function that computes an operation on elements, as the system does."""

    def apply(self, operator: str, args: Sequence[Any]) -> Any:
        """Compute an operation on elements."""
        return _operation(self, operator)(*args)

    def equal(self, left: Any, right: Any) -> bool:
        """Say whether two elements are the same number; zeros of both signs are."""
        return bool(left == right)

    def finite(self, x: Any) -> bool:
        """Say whether ``x`` is a number, not NaN and not infinite."""
        return True

    def exact_value(self, x: Any) -> Fraction | None:
        """Return the real number ``x`` stands for, ``None`` if there is none."""
        return Fraction(x)

    def in_range(self, exact: Fraction) -> bool:
        """Say whether an exact sum or difference fits, before any rounding."""
        return True

    def ulp(self, x: Any) -> Fraction | None:
        """Return the unit in the last place of ``x``, ``None`` if it has none."""
        raise UnsupportedError(f"{self.name} has no ulp")

    def exact_constant(self, operator: str) -> Fraction:
        """Return ``unit_roundoff``, ``largest`` or ``smallest``."""
        raise UnsupportedError(f"{self.name} has no {operator}")

    @property
    def wider(self) -> NumberSystem:
        """Return the system in which a computation with a wide intermediate is done."""
        raise UnsupportedError(f"{self.name} has no wider number system")

    def narrowed(self, x: Any) -> Any:
        """Return an element of the wider system fitted into this one, as a single result is."""
        raise UnsupportedError(f"{self.name} has no wider number system")

    @abstractmethod
    def simple_values(self) -> Sequence[Any]:
        """Return telling elements, simplest first: small numbers, extremes, special values.

        A counterexample made of the earliest of them is the one a person is shown.
        """

    def drawn(self, *, sizes: bool = False) -> SearchStrategy[Any]:
        """Return how Hypothesis draws elements: the telling ones as often as any others.

        With ``sizes``, those are drawn that sizes, strides and counts are, where there are such.
        """
        from hypothesis import strategies as st

        return st.sampled_from(list(self.simple_values())) | self._any()

    @abstractmethod
    def _any(self) -> SearchStrategy[Any]:
        """Return how any element is drawn."""

    # -- the tensor face -----------------------------------------------------------------------

    @property
    def replayed_on(self) -> str:
        """On what counterexamples are run again, in words."""
        return "" if self.dtype is None else f"torch.{self.dtype} tensors"

    def tensor(self, elements: Sequence[Any]) -> torch.Tensor:
        """Return a tensor of the system's dtype that holds ``elements``."""
        import torch

        assert self.dtype is not None
        return torch.tensor(elements, dtype=getattr(torch, self.dtype))

    def tensor_apply(self, operator: str, args: Sequence[torch.Tensor]) -> torch.Tensor:
        """Let torch compute an operation, elementwise.

        Where the dtype that computes holds more than the system, the result is brought back once:
        8-bit formats compute in float32 and round once, as kernels do.
        """
        row = row_of(operator)
        compute = row.tensors
        if compute is None:
            raise row.lacks("tensors")
        if self.computed_in == self.dtype:
            return cast("torch.Tensor", compute(*args))
        import torch

        wide = getattr(torch, str(self.computed_in))
        return self.tensor_narrowed(compute(*[arg.to(wide) for arg in args]))

    def tensor_widened(self, x: torch.Tensor) -> torch.Tensor:
        """Return a tensor in the dtype of the wider system."""
        import torch

        return x.to(getattr(torch, str(self.wider.dtype)))

    def tensor_narrowed(self, x: torch.Tensor) -> torch.Tensor:
        """Convert a tensor of the wider system as :meth:`narrowed` does an element."""
        import torch

        return x.to(getattr(torch, str(self.dtype)))

    def tensor_ulp(self, x: torch.Tensor) -> torch.Tensor:
        """Return the units in the last place of a tensor as float64, NaN where there is none."""
        raise UnsupportedError(f"{self.name} has no ulp")

    def tensor_equal(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Compare tensors as :meth:`equal` compares elements."""
        return left == right

    def tensor_relation(
        self, operator: str, left: torch.Tensor, right: torch.Tensor
    ) -> torch.Tensor:
        """Write ``lt`` or ``le`` between tensors."""
        return left < right if operator == "lt" else left <= right

    def tensor_finite(self, x: torch.Tensor) -> torch.Tensor:
        """Compare tensors as :meth:`finite` does elements."""
        import torch

        return torch.ones(x.shape, dtype=torch.bool)

    def elements(self, x: torch.Tensor) -> list[Any]:
        """Return the elements of a tensor as Python numbers."""
        return list(x.flatten().tolist())

    def all_elements(self) -> torch.Tensor:
        """Return every element of an enumerable system as one tensor."""
        raise UnsupportedError(f"{self.name} cannot be enumerated")

    # -- the solver's face ---------------------------------------------------------------------

    def encoder(self, script: Script) -> Encoder:
        """Return the encoder of one obligation."""
        raise UnsupportedError(f"{self.name} has no SMT-LIB encoding")

    def decode(self, model: str) -> Any:
        """Return the element that a solver's model value names."""
        raise UnsupportedError(f"{self.name} has no SMT-LIB encoding")

    def instance(self, model: Mapping[str, str]) -> NumberSystem:
        """Return the one system a model is about, where this one stands for many."""
        return self

    def show(self, x: Any) -> str:
        """Write an element as people would."""
        return str(x)


@lru_cache(maxsize=1024)
def _operation(system: NumberSystem, operator: str) -> Callable[..., Any]:
    return system.operation(operator)


#: Every number system by name, in the order of reports.
SYSTEMS: dict[str, NumberSystem] = {}


def register(*systems: NumberSystem, after: str = "") -> tuple[str, ...]:
    """Make number systems known and return their names: the group they form.

    In the order of reports they come last, or right ``after`` another. Raises ``ValueError`` if a
    name is taken.
    """
    for system in systems:
        if SYSTEMS.setdefault(system.name, system) is not system:
            raise ValueError(f"two number systems are called {system.name}")
    names = tuple(system.name for system in systems)
    if after:
        following = list(SYSTEMS)[list(SYSTEMS).index(after) + 1 : -len(names)]
        for name in following:
            SYSTEMS[name] = SYSTEMS.pop(name)
    return names
