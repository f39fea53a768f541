"""What is seen of a run: terms beside numbers, whoever moves them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms
from verify.judge.watching.observer import Observed, Observer


def watched(network: Callable[[torch.Tensor], Any], *forced: bool) -> tuple[Observed, Algebra]:
    """Return what is seen of a run on [1, −2, 3, −4]."""
    algebra = Algebra(Terms(4), SYSTEMS["real"])
    observer = Observer(algebra, torch.float32, forced)
    seen = observer.watch(network, [torch.tensor([1.0, -2.0, 3.0, -4.0])])
    if isinstance(seen.output, torch.Tensor):
        seen.output = observer.result()
    shown = seen.output
    observer.finish()
    seen.output = shown
    return seen, algebra


def test_numbers_and_terms_go_together() -> None:
    """The output is what a plain run gives; its terms are those of the elements."""
    seen, algebra = watched(lambda x: x.flip(0)[::2])
    assert seen.output.tolist() == [-4, -2]
    assert seen.ids is not None
    assert (seen.ids - algebra.terms.first_variable).tolist() == [3, 1]
    assert not seen.unseen


def test_aliases_are_the_same_memory() -> None:
    """A write through one view is seen through all others, made by torch or by NumPy."""

    def network(x: torch.Tensor) -> torch.Tensor:
        y = torch.zeros(4)
        window, again = y[1:3], torch.utils.dlpack.from_dlpack(y.detach())
        window.copy_(x[:2])
        return again

    seen, algebra = watched(network)
    assert seen.ids is not None
    first = algebra.terms.first_variable
    assert seen.ids.tolist() == [0, first, first + 1, 0]
    assert seen.output.tolist() == [0, 1, -2, 0]


def test_truth_values_are_decisions() -> None:
    """Answered as the input has it, or as forced; the same question once."""

    def network(x: torch.Tensor) -> torch.Tensor:
        if x[0] > x[1] and not bool(x[0] <= x[1]):
            return x[0] if x[0] > x[1] else x[1]
        return x[2]

    seen, algebra = watched(network)
    assert [d.answer for d in seen.decisions] == [True, False]
    assert "line" in seen.decisions[0].where
    seen, algebra = watched(network, False)
    assert seen.ids is not None
    assert int(seen.ids) == algebra.terms.first_variable + 2


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (lambda x: x * float(x[0]), "a number is read out of the input, line"),
        (lambda x: x * x.numpy().sum(), "reads its input's numbers out of memory"),
        (lambda x: torch.outer(x, x)[torch.outer(x, x) > 0],
         "places that depend on the values of the input, more than 6 of them, line"),
        (lambda x: torch.special.bessel_j0(x), "it has no exact meaning here, line"),
        (lambda x: x.to_sparse().to_dense(), "it has no exact meaning here, line"),
        (lambda x: torch.complex(x, x).real, "it has no exact meaning here, line"),
    ],
)  # fmt: skip
def test_what_terms_do_not_say_is_noted(
    network: Callable[[torch.Tensor], torch.Tensor], reason: str
) -> None:
    """And nothing is raised into the module that it could catch."""
    seen, _ = watched(network)
    assert seen.error is None
    assert reason in " ".join(seen.unseen)


@pytest.mark.parametrize("key", ["CPU", "Autograd", "CompositeImplicitAutograd", "ADInplaceOrView"])
def test_a_kernel_of_torch_that_was_replaced_is_noted(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """An operator by torch's name is then somebody else's; not where it is another device's."""
    seen, _ = watched(torch.relu)
    assert not seen.unseen
    monkeypatch.setattr(torch.library, "_impls", {f"aten/relu/{key}", "aten/add.Tensor/CUDA"})
    seen, _ = watched(torch.relu)
    assert seen.unseen == ["torch's own relu has been replaced"]


def test_random_numbers_are_noted() -> None:
    """By torch's own tag, so that new operators are too."""
    seen, _ = watched(lambda x: x + torch.randn(4))
    assert seen.drawn[0].startswith("randn draws random numbers, line")


def test_errors_are_the_module_s_own() -> None:
    """What it raises is kept, and nothing else happens."""

    def network(x: torch.Tensor) -> torch.Tensor:
        raise KeyError("mine")

    seen, _ = watched(network)
    assert isinstance(seen.error, KeyError)


def test_what_outlives_a_run_can_still_be_read() -> None:
    """A tensor that the module kept is ordinary memory afterwards."""
    kept: list[torch.Tensor] = []

    def network(x: torch.Tensor) -> torch.Tensor:
        kept.append(x * 2)
        return kept[0] + 1

    watched(network)
    assert kept[0].tolist() == [2, -4, 6, -8]


def test_a_comparison_written_into_numbers() -> None:
    """``x.lt_(0)`` writes 1 and 0 as numbers, which may be added and multiplied."""

    def compared(x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        y.lt_(0)
        return y + y * x

    right = equivalent(compared, lambda x: torch.where(x < 0, 1 + x, 0 * x), (2, 4))
    assert right.verdict is Verdict.PROVED_BOUNDED, right.reason
    wrong = equivalent(compared, lambda x: torch.where(x <= 0, 1 + x, 0 * x), (2, 4))
    assert wrong.verdict is Verdict.REFUTED
