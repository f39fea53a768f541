"""Judging gradients: whether a module that computes what the reference does is trained alike.

The gradient of a module is a function like any other: of an input x and of a gradient that comes
from above, it returns what autograd gives to x. So it is run and watched as any function is, the
way back with the way there; the terms are of what autograd executed, with whatever it does where no
derivative exists, and nothing that a module does on the way (a detached part, a hook, a backward
pass of its own) goes unseen. Plain runs of autograd are held against these terms on every telling
input, where taps tie above all.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems import NumberSystem
from proofs.terms import Term
from proofs.verdict import Verdict, weakest
from verify.judge.attack import LARGE, inputs
from verify.judge.conditions.given import Admitted
from verify.judge.equivalence import Equivalence
from verify.judge.references import NamedPooling, named_pooling
from verify.judge.side import Judged, Shapes, Side, kind
from verify.judge.symbols.classes import Pattern
from verify.judge.watching.running import quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: On whole and half numbers up to this size nothing that is compared is rounded.
_PLAIN = 100
#: A part of a gradient in which two runs of unknown rounding must agree.
_TOLERANCE = 1e-3
#: Inputs of few numbers each, so that taps tie.
_TIED = 48
#: What the last input is called.
GRADIENT_OF_OUTPUT = "gradient of the output"


class Gradient(torch.nn.Module):
    """A module's way back: inputs and the gradient of its output to the gradient of its inputs.

    Of several inputs the gradients are stacked if their shapes are equal, else flat and one behind
    the other. Where no gradient reaches an input there are zeros.
    """

    def __init__(self, module: Judged) -> None:
        super().__init__()
        self.module = module

    def __call__(self, *given: torch.Tensor) -> torch.Tensor:
        """Return the gradients; the last argument is that of the output.

        It is the call itself, since the arms of decisions cannot be joined on the way back. What a
        module is given is no leaf, as in the midst of a network.
        """
        return self.of(given, torch.clone)

    def of(
        self,
        given: Sequence[torch.Tensor],
        before: Callable[[torch.Tensor], torch.Tensor],
        *,
        accumulated: bool = False,
    ) -> torch.Tensor:
        """Return the gradients through what ``before`` makes of each input."""
        *numbers, cotangent = given
        with torch.inference_mode(False), torch.enable_grad():
            leaves = [x.detach().clone().requires_grad_() for x in numbers]
            output = self.module(*map(before, leaves))
            if not output.requires_grad:
                found: Sequence[torch.Tensor] = [torch.zeros_like(x) for x in leaves]
            elif accumulated:
                torch.autograd.backward(output, cotangent.clone(), inputs=leaves)
                found = [torch.zeros_like(x) if x.grad is None else x.grad for x in leaves]
            else:
                found = torch.autograd.grad(
                    output, leaves, cotangent.clone(), allow_unused=True, materialize_grads=True
                )
        if len(found) == 1:
            return found[0]
        if len({x.shape for x in found}) == 1:
            return torch.stack(tuple(found))
        return torch.cat([x.reshape(-1) for x in found])


class GradientSide(Side):
    """One side's way back."""

    def __init__(
        self, given: Judged, system: NumberSystem, shapes: Shapes, dtype: torch.dtype
    ) -> None:
        super().__init__(given, system, shapes, dtype)
        self.module, self.watched = Gradient(self.module), Gradient(self.watched)

    def otherwise(self, flat: torch.Tensor) -> Sequence[tuple[str, torch.Tensor]]:
        """Return what its gradients are in other modes, and of inputs that came about otherwise."""
        parts = self.parts(flat)
        with quiet():
            return [
                *super().otherwise(flat),
                ("of a leaf", self.module.of(parts, lambda x: x)),
                ("of a leaf by backward()", self.module.of(parts, lambda x: x, accumulated=True)),
                ("behind another layer", self.module.of(parts, lambda x: x + 0)),
                ("by backward()", self.module.of(parts, torch.clone, accumulated=True)),
            ]


def of_reference(named: NamedPooling) -> tuple[Callable[[torch.Tensor], torch.Tensor], str]:
    """Return what is trained in place of a definition, and what it is called.

    Torch's own pooling where it has one, which also decides who gets the gradient where taps tie;
    else the layer of this project.

    Raises:
        ValueError: There is neither, or torch's does not take these arguments.
    """
    operator = f"{named.kind.family}{named.dimensions}d"
    function = getattr(torch.nn.functional, operator, None)
    if function is not None and named.kind.torch_layer and not named.kind.needs:
        own = [
            name
            for name, value in named.arguments.items()
            if name not in named.kind.positional(named.dimensions) or _by_side(name, value)
        ]
        if own:
            raise ValueError(
                f"{named.written} is trained by nobody: torch's {operator} takes no such "
                f"{own[0]}; compare with a module"
            )
        arguments = dict(named.arguments)
        return (lambda x: function(x, **arguments)), f"torch's own {operator}"
    for name in named.kind.layer_names():
        if name.endswith(f"{named.dimensions}d"):
            try:
                made = named.kind.layer_class(name)(**named.arguments)
            except TypeError:  # a layer of one window alone, whose scores are its own
                break
            return _with(made, named), f"pooling.{name}"
    raise ValueError(f"{named.written} has no layer whose gradients could be taken")


def _with(layer: torch.nn.Module, named: NamedPooling) -> Judged:
    """Return a layer with what it is called with besides its input, or has learnt."""
    if not named.kind.needs:
        return layer
    called = inspect.signature(layer.forward).parameters

    def trained(x: torch.Tensor, *further: torch.Tensor) -> torch.Tensor:
        beside = {name: torch.as_tensor(value).to(x.device) for name, value in named.beside.items()}
        beside.update(zip(named.inputs[1:], further, strict=True))
        given = {n: b if n == "indices" else b.to(x.dtype) for n, b in beside.items()}
        learnt = {} if called.keys() >= given.keys() else {"weight": given.pop("weights")}
        made: torch.Tensor = torch.func.functional_call(layer, learnt, (x,), given)
        return made

    return trained


def _by_side(name: str, value: Any) -> bool:
    """Say whether an argument is a padding with pairs, which torch's functions do not take."""
    return name == "padding" and isinstance(value, tuple | list) and not all(
        isinstance(entry, int) for entry in value
    )  # fmt: skip


@dataclass(frozen=True)
class OfInputs(Admitted):
    """A condition on the inputs alone, which the gradient of the output need not meet."""

    count: int

    def admits(self, x: torch.Tensor) -> bool:
        """Say whether every element of the inputs meets it."""
        return super().admits(x[: self.count])

    def moved(self, x: torch.Tensor) -> torch.Tensor:
        """Return inputs moved to where it holds, and the same gradient."""
        return torch.cat([super().moved(x[: self.count]), x[self.count :]])


@dataclass(frozen=True)
class WayBack:
    """What is peculiar to judging two ways back: the last input is the gradient of the output."""

    system: NumberSystem
    dtype: torch.dtype
    #: The shapes of the inputs, and of the output.
    shapes: Shapes

    @property
    def elements(self) -> int:
        """How many elements the inputs have, without the gradient of the output."""
        return sum(map(math.prod, self.shapes[:-1]))

    @property
    def titles(self) -> tuple[str, ...]:
        """What each of the inputs is."""
        count = len(self.shapes) - 1
        named = ("input",) if count == 1 else tuple(f"input {i + 1}" for i in range(count))
        return *named, GRADIENT_OF_OUTPUT

    def telling(self) -> Iterator[torch.Tensor]:
        """Yield inputs beside gradients of the output: none of these is 0 for long."""
        count = math.prod(self.shapes[-1])
        ramp = torch.arange(1, count + 1) % 100
        signs = 1 - 2 * (torch.arange(count) % 2)
        ordinary = cycle([torch.ones(count), ramp, ramp * signs, -ramp.flip(0)])
        generator = torch.Generator().manual_seed(3)

        def tied(most: int) -> torch.Tensor:
            x = torch.randint(-most, most + 1, (self.elements,), generator=generator)
            c = torch.randint(1, 5, (count,), generator=generator)
            return torch.cat([x, c]).to(self.dtype)

        # Ties are among the first, which are run in other ways too; and all ties is the simplest.
        yield torch.cat([torch.zeros(self.elements), torch.ones(count)]).to(self.dtype)
        yield tied(1)
        for x in inputs(self.system, self.elements, self.dtype):
            yield torch.cat([x, next(ordinary).to(self.dtype)])
        for most in (1, 2) if count <= LARGE else ():
            yield from (tied(most) for _ in range(6))
        for number in range(_TIED if self.elements <= LARGE else 2):
            # Ties of numbers that are not round: what merges them rounds, and may tell them apart.
            values = torch.randn(2 + number % 3, generator=generator)
            chosen = torch.randint(len(values), (self.elements,), generator=generator)
            yield torch.cat([values[chosen], torch.ones(count)]).to(self.dtype)
        x = torch.randint(-4, 5, (self.elements,), generator=generator).to(self.dtype)
        for c in inputs(self.system, count, self.dtype):
            yield torch.cat([x, c])

    def apart(
        self, x: torch.Tensor, left: NDArray[Any], right: NDArray[Any]
    ) -> NDArray[numpy.bool_]:
        """Say where runs differ for certain where nothing is known of their rounding.

        A gradient jumps where taps tie, so only inputs count on which no comparison can be a matter
        of rounding.
        """
        plain = bool(((x * 2 == (x * 2).round()) & (x.abs() <= _PLAIN)).all())
        if not plain:
            return numpy.zeros(left.shape, bool)
        coarse = max(_TOLERANCE, 16 * torch.finfo(self.dtype).eps)
        close: NDArray[numpy.bool_] = numpy.isclose(
            left, right, rtol=coarse, atol=coarse, equal_nan=True
        )
        return ~close

    def premises(
        self, one: Pattern, given: Admitted | None
    ) -> Callable[[Term], Iterable[Term]] | None:
        """Return what holds of each variable of a kind: of gradients of the output nothing."""
        if given is None:
            return None
        meant = {f"x{node}" for node, element in one.variables.items() if element < self.elements}
        return lambda x: given.premises(x) if str(x) in meant else ()

    @staticmethod
    def footprint(lines: Iterable[str]) -> tuple[str, ...]:
        """Return what a verdict on gradients rests on, beside one on outputs."""
        said = ("system", "module: in", "reference: in")  # of outputs
        kept = [line for line in lines if not line.startswith(said)]
        return ("of the input, as autograd computes them; none of weights", *kept)


def with_gradients(
    outputs: Equivalence, module: Judged, reference: Judged | str, case: Any,
    judged: Callable[[Any, bool], Equivalence],
) -> Equivalence:  # fmt: skip
    """Return a finding about outputs with what is found about gradients.

    Args:
        outputs: What was found about outputs.
        module: What was judged.
        reference: What it was compared with.
        case: The case of the outputs, of which that of the gradients is made.
        judged: Judges a case, and whatever it brings about.
    """
    outputs = replace(outputs, backward=True)
    if not (outputs.verdict.settles or outputs.verdict in (Verdict.TESTED, Verdict.UNKNOWN)):
        return outputs
    called = ""
    trained: Judged
    if isinstance(reference, str):
        trained, called = of_reference(named_pooling(reference))
    else:
        trained = reference
    asked = case.question
    output = asked.module.plain(asked.dtype)
    if not output.is_floating_point():
        return replace(
            outputs, verdict=Verdict.NOT_JUDGED,
            reason=f"its output is {kind(output.dtype)}, which has no gradients",
        )  # fmt: skip
    shapes = (*asked.shapes, tuple(output.shape))
    mine, theirs = (
        GradientSide(one, asked.system, shapes, asked.dtype) for one in (module, trained)
    )
    given = asked.given
    if given is not None:
        held = {f.name: getattr(given, f.name) for f in fields(given)}
        given = OfInputs(**held, count=sum(map(math.prod, asked.shapes)))
    back = replace(
        asked, module=mine, reference=theirs, shapes=shapes, given=given,
        back=WayBack(asked.system, asked.dtype, shapes),
    )  # fmt: skip
    found = judged(replace(case, question=back, settled={}), False)
    found = replace(found, reason=found.reason.replace(" at output ", " at "))
    footprint = outputs.footprint
    if found.footprint:
        whose = [f"gradients: of the reference, those of {called}"] if called else []
        lines = [f"gradients: {line}" for line in found.footprint]
        footprint = (*footprint, *whose, *lines)
    return replace(
        outputs,
        verdict=weakest([outputs.verdict, found.verdict]),
        reason=f"outputs: {outputs.verdict}, {outputs.reason}; "
        f"gradients: {found.verdict}, {found.reason}",
        counterexample=found.counterexample,
        footprint=footprint,
        outputs=replace(outputs, backward=False),
        gradients=found,
    )
