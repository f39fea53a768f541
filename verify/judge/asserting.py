"""``assert_close``: for tests that need a tolerance, and would rather prove one than guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from proofs.verdict import Verdict
from verify.judge.equivalence import Equivalence
from verify.judge.judge import TIMEOUT, equivalent
from verify.judge.references import named_pooling
from verify.judge.side import Judged
from verify.judge.tolerance.asked import FLOAT_SYSTEMS, Between
from verify.judge.watching.running import NotJudgedError, run

#: What a definition that is computed in float64 may itself be off by, as a part of a bound.
ROOM = 2.0**-20


def assert_close(
    module: Judged,
    reference: Judged | str,
    *inputs: torch.Tensor,
    between: Between | None = None,
    timeout: float = TIMEOUT,
) -> Equivalence:
    """Assert that a module is as close to a reference as it is proved to be.

    The bound is proved for every input of these shapes, in this dtype and range; these inputs are
    then run, and held against it.

    Args:
        module: A module or a function of as many tensors as there are inputs.
        reference: Another one, which is computed in the dtype of the inputs as well, or a pooling
            by name, whose exact value counts.
        inputs: Tensors of one float dtype.
        between: The range for which the bound is proved, or one for each input; if left out, from
            the smallest to the largest element of each.
        timeout: Seconds for the proof.

    Returns:
        What was found: its ``within`` is the bound, its ``worst`` the worst input that is known.

    Raises:
        AssertionError: A run is further away, or nothing was proved; the message says which.
        ValueError: No inputs, of several dtypes, in a dtype that has no bounds, or out of range.

    >>> import torch
    >>> def largest(a, b):
    ...     return torch.relu(b - a) + a
    >>> a, b = torch.rand(2, 8)
    >>> found = assert_close(largest, torch.maximum, a, b, between=(0, 1))
    >>> found.verdict.name, found.within == 2**-24
    ('WITHIN', True)
    """
    if not inputs:
        raise ValueError("inputs must be at least one tensor")
    system = str(inputs[0].dtype).removeprefix("torch.")
    if system not in FLOAT_SYSTEMS or any(x.dtype is not inputs[0].dtype for x in inputs):
        words = ", ".join(str(x.dtype).removeprefix("torch.") for x in inputs)
        raise ValueError(f"inputs must be of one dtype of {', '.join(FLOAT_SYSTEMS)}, got {words}")
    ranges = between if between is not None else [
        (float(x.min()), float(x.max())) for x in inputs
    ]  # fmt: skip
    _in_range(ranges, inputs)
    # A definition is computed in float64, which is no more exact than a run in it.
    executed = not isinstance(reference, str) or system == "float64"
    found = equivalent(
        module, reference, [tuple(x.shape) for x in inputs], system,
        between=ranges, executed=executed, timeout=timeout,
    )  # fmt: skip
    if found.within is None:
        raise AssertionError(f"{found.statement}\n{found.verdict}: {found.reason}")
    mine, other = _outputs(module, reference, inputs)
    off = (mine.double() - other.double()).abs()
    limit = found.within if executed else found.within * (1 + ROOM)
    beyond = ~(off <= limit) & ~(mine.isnan() & other.isnan())
    if bool(beyond.any()):
        index = tuple(int(i) for i in beyond.nonzero()[0]) if beyond.ndim else ()
        raise AssertionError(
            f"{float(mine[index]):.9g} instead of {float(other[index]):.9g} at output "
            f"{list(index)}: {float(off[index]):.4g} apart, where {found.within:.4g} is proved"
        )
    assert found.verdict in (Verdict.WITHIN, Verdict.PROVED_BOUNDED)
    return found


def _in_range(between: Between, inputs: Sequence[torch.Tensor]) -> None:
    given: list[Any] = list(between)
    pairs = given if isinstance(given[0], tuple | list) else [given]
    pairs = pairs * len(inputs) if len(pairs) == 1 else pairs
    for number, (x, (low, high)) in enumerate(zip(inputs, pairs, strict=True)):
        if not bool(((low <= x) & (x <= high)).all()):
            raise ValueError(
                f"inputs must be between {low:g} and {high:g}, got one from {float(x.min()):g} to "
                f"{float(x.max()):g} at place {number}"
            )


def _outputs(
    module: Judged, reference: Judged | str, inputs: Sequence[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    try:
        mine = run(module, inputs).detach()
        if not isinstance(reference, str):
            return mine, run(reference, inputs).detach()
    except NotJudgedError as error:
        raise AssertionError(str(error)) from error
    pooled = named_pooling(reference).values(*[x.detach().double().numpy() for x in inputs])
    return mine, torch.from_numpy(pooled)
