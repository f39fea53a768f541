"""Modules at every size: right ones proved, wrong ones refuted at the smallest size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from pooling import AvgPool1d
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.shape.one_shape import OneShape
from verify.judge.watching.observer import WatchedTooLongError

Network = Callable[[torch.Tensor], torch.Tensor]
OPEN = ("N", "C", "H", "W")
LOWEST = float("-inf")


def padded(x: torch.Tensor) -> torch.Tensor:
    """Return an image with one element of padding around it."""
    return F.pad(x, (1, 1, 1, 1), value=LOWEST)


def slices(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 3, 2, 1 as the largest of nine slices."""
    h, w = x.shape[-2:]
    taps = [
        padded(x)[..., i : i + 2 * ((h - 1) // 2) + 1 : 2, j : j + 2 * ((w - 1) // 2) + 1 : 2]
        for i in range(3) for j in range(3)
    ]  # fmt: skip
    return torch.stack(taps).amax(0)


def at_width(width: int) -> Network:
    """Return the slices, but for one width."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return slices(x) if x.shape[-1] != width else slices(x) + 1

    return module


def from_width(width: int) -> Network:
    """Return the slices, but for large widths."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return slices(x) if x.shape[-1] < width else slices(x) * 2

    return module


def hidden(width: int) -> Network:
    """Return the slices, but for large widths on plain tensors alone."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return slices(x) if type(x) is not torch.Tensor or x.shape[-1] < width else x

    return module


def test_a_rewrite_is_proved_at_every_size() -> None:
    """Sizes are judged up to those from which the others follow."""
    found = equivalent(slices, "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.PROVED, found.reason
    assert found.sizes == "all"
    assert found.input_shape == OPEN
    assert "for every real input of shape N×C×H×W" in found.statement
    assert any(line.startswith("sizes: all from 1 on") for line in found.footprint)


class Remembering(torch.nn.Module):
    """Keeps a mask of the last size."""

    mask: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool, times the mask."""
        if self.mask is None or self.mask.shape != x.shape:
            self.mask = torch.ones_like(x)
        return F.max_pool2d(x * self.mask, 2)


def test_what_remembers_is_not_judged() -> None:
    """It is looked at before anything is run on symbols, which it would keep."""
    found = equivalent(Remembering(), "max_pool2d(2)")
    assert found.verdict is Verdict.NOT_JUDGED
    assert "what keeps anything from one run to the next" in found.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "smallest", "sizes"),
    [(at_width(23), "1×1×1×23", "W ≠ 23"), (from_width(40), "1×1×1×40", "W ≤ 39")],
)
def test_wrong_at_sizes_that_nobody_tried(module: Network, smallest: str, sizes: str) -> None:
    """One width, or large ones: shown at the smallest size, on an input that was run."""
    found = equivalent(module, "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith(f"at {smallest}:")
    assert found.sizes == sizes
    assert found.reason.endswith(f"; proved for {sizes}")
    assert found.counterexample is not None
    x = found.counterexample.input
    assert "×".join(map(str, x.shape)) == smallest
    assert not torch.equal(module(x), F.max_pool2d(x, 3, 2, 1))


@pytest.mark.slow
def test_what_hides_from_symbols_is_no_proof() -> None:
    """Other instructions run on a plain tensor; sizes that the code names are tried."""
    found = equivalent(hidden(40), "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×1×1×40: ")
    found = equivalent(hidden(40 * 10**4), "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert "where sizes are symbols" in found.reason


def test_an_exception_refutes() -> None:
    """Where there is a reference there must be a result."""

    def even(x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).amax((3, 5))

    found = equivalent(even, "max_pool2d(2)")
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×1×2×3: it fails on")
    assert found.sizes == "H and W even"


def test_sizes_without_a_reference_are_left_out() -> None:
    """A window larger than the image is no window."""

    def wide(x: torch.Tensor) -> torch.Tensor:
        return x.unfold(-1, 5, 1).amax(-1)

    assert equivalent(wide, "max_pool1d(5, stride=1)").verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (lambda x: x.flip(-1).flip(-1), "flip: an open axis is turned round"),
        (lambda x: x if x.sum() > 0 else x * 1, "values are read"),
        (lambda x: torch.stack([x[..., i] for i in range(x.shape[-1])], -1),
         "a size becomes a plain number"),
    ],
)  # fmt: skip
def test_what_is_not_followed_is_bounded(module: Network, why: str) -> None:
    """The operation and its line are named, and the sizes that were judged."""
    found = equivalent(module, "max_pool1d(1)")
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert why in found.reason
    assert "test_everywhere.py" in found.reason
    assert " sizes up to " in found.sizes


GLOBAL: tuple[tuple[Network, str], ...] = (
    (lambda x: x.mean((2, 3), keepdim=True), "adaptive_avg_pool2d(1)"),
    (lambda x: x.flatten(2).sum(-1)[..., None, None] / x[0, 0].numel(), "adaptive_avg_pool2d(1)"),
    (lambda x: F.avg_pool2d(x, x.shape[2:]), "adaptive_avg_pool2d(1)"),
    (lambda x: F.conv2d(x, x.new_full((x.shape[1], 1, *x.shape[2:]), 1 / x[0, 0].numel()),
                        groups=x.shape[1]), "adaptive_avg_pool2d(1)"),
    (lambda x: (x.flatten(2) @ x.new_ones(x[0, 0].numel(), 1))[..., None] / x[0, 0].numel(),
     "adaptive_avg_pool2d(1)"),
    (lambda x: x.view(*x.shape[:2], -1).max(-1).values[..., None, None], "adaptive_max_pool2d(1)"),
    (lambda x: -(-x).amin(-1, keepdim=True).amin(-2, keepdim=True), "adaptive_max_pool2d(1)"),
    (lambda x: F.adaptive_avg_pool2d(x, (2, None)), "adaptive_avg_pool2d((2, None))"),
    (lambda x: torch.stack([x[..., i * x.shape[-1] // 3 : -(-(i + 1) * x.shape[-1] // 3)].amax(-1)
                            for i in range(3)], -1), "adaptive_max_pool1d(3)"),
    (lambda x: torch.stack([x[..., : (x.shape[-1] + 1) // 2].mean(-1),
                            x[..., x.shape[-1] // 2 :].mean(-1)], -1), "adaptive_avg_pool1d(2)"),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("module", "reference"), GLOBAL)
def test_whole_axes_are_proved_and_their_twins_refuted(module: Network, reference: str) -> None:
    """By mean, view, flatten, product or convolution, in pieces; wrong where nobody looks."""
    found = equivalent(module, reference)
    assert found.verdict is Verdict.PROVED, found.reason
    assert found.sizes == "all"

    def twin(x: torch.Tensor) -> torch.Tensor:
        return module(x) + 1 if x.shape[-1] == 37 else module(x)

    found = equivalent(twin, reference, why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.sizes == "W ≠ 37"


@pytest.mark.parametrize(
    ("module", "reference", "smallest", "sizes"),
    [
        (lambda x: x.sum(-1, keepdim=True) / 49, "adaptive_avg_pool1d(1)", "1×1×1", "none"),
        (lambda x: x[..., :40].sum(-1, keepdim=True) / x.shape[-1], "adaptive_avg_pool1d(1)",
         "1×1×41", "W ≤ 39"),
        (lambda x: x.mean(0, keepdim=True).expand(x.shape[0], -1, -1), "max_pool1d(1)", "2×1×1",
         "5 sizes up to"),
        (lambda x: x.reshape(*x.shape[:2], 2, x.shape[-1] // 2).mean(-1), "adaptive_avg_pool1d(2)",
         "1×1×1", "W even"),
        (lambda x: x[..., : x.shape[-1] - (x.shape[-1] > 60)].amax(-1)[..., None],
         "adaptive_max_pool1d(1)", "1×1×61", "W ≤ 60"),
    ],
)  # fmt: skip
def test_whole_axes_that_are_wrong(
    module: Network, reference: str, smallest: str, sizes: str
) -> None:
    """A divisor of one size, a part of an axis, another axis, sizes that do not divide."""
    found = equivalent(module, reference, why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.reason.startswith(f"at {smallest}: ")
    assert found.sizes == sizes or sizes.endswith("to")


def _written_into(x: torch.Tensor) -> torch.Tensor:
    whole = x.new_full((x.shape[0], x.shape[1] + 2), LOWEST)
    whole[:, 1:-1] = x
    return whole.amax(-1)


@pytest.mark.parametrize(
    ("module", "reference", "fails"),
    [
        (lambda x: F.pad(x, (1, 1), value=LOWEST).amax(-1), lambda x: x.amax(-1), ""),
        (lambda x: F.pad(x, (1, 1)).amax(-1), lambda x: x.amax(-1), "at 1×1: "),
        (lambda x: F.pad(x, (1, 2)).amax(-1), lambda x: x.amax(-1).relu(), ""),
        (lambda x: torch.cat([x, x.new_full((x.shape[0], 1), LOWEST)], -1).amax(-1),
         lambda x: x.amax(-1), ""),
        (lambda x: torch.cat([x, x.new_full((x.shape[0], 1), -1.0)], -1).amax(-1),
         lambda x: x.amax(-1), "at 1×1: "),
        (_written_into, lambda x: x.amax(-1), ""),
        (lambda x: -F.pad(-x, (2, 1), value=LOWEST).amax(-1), lambda x: x.amin(-1), ""),
        (lambda x: F.pad(x, (1, 1, 1, 1), value=LOWEST).amax((-1, -2)), lambda x: x.max(), ""),
        (lambda x: F.pad(x, (1, 1), value=LOWEST if x.shape[-1] < 33 else 0.0).amax(-1),
         lambda x: x.amax(-1), "at 1×33: "),
        (lambda x: F.pad(x, (-1, 1), value=LOWEST).amax(-1), lambda x: x.amax(-1), "at 1×1: "),
    ],
)  # fmt: skip
def test_a_maximum_of_what_numbers_stand_around(
    module: Network, reference: Network, fails: str
) -> None:
    """Numbers at the ends are there at every size, so the whole is still made of its parts."""
    found = equivalent(module, reference, ("N", "W"), why=False)
    assert found.verdict is (Verdict.REFUTED if fails else Verdict.PROVED), found.reason
    assert found.reason.startswith(fails)


@pytest.mark.slow
@pytest.mark.parametrize("number", [
    lambda x: (x.new_full((1,), 1.0) * x.shape[1] - 3000).relu(),
    lambda x: (torch.ones_like(x[0]).cumsum(-1)[-1:] - 5000).relu(),
])  # fmt: skip
def test_numbers_in_a_border_that_tell_the_size(number: Network) -> None:
    """A number that is 0 at small sizes and none at large ones is no number at every size."""
    found = equivalent(
        lambda x: torch.cat([x, number(x).expand(x.shape[0], 1)], -1).amax(-1),
        lambda x: x.amax(-1).relu(), ("N", "W"), why=False,
    )  # fmt: skip
    assert found.verdict in (Verdict.PROVED_BOUNDED, Verdict.REFUTED), found.reason


def test_time_that_is_up_while_a_module_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """At an open size as well nobody knows then, and no exception comes out."""

    def watched(case: Any) -> Any:
        raise WatchedTooLongError

    monkeypatch.setattr(OneShape, "judged", watched)
    found = equivalent(lambda x: x.amax(-1), lambda x: x.amax(-1), ("N", "W"), why=False)
    assert found.verdict is Verdict.UNKNOWN
    assert "out of time while it was watched" in found.reason


def test_a_maximum_after_padding_rests_on_its_border() -> None:
    """What stood at the end of a smaller image is nowhere in the larger one: so no proof."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, x[..., -1:] * 2], -1).amax(-1)

    found = equivalent(module, module, ("N", "W"))
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert "whose ends are made in another way" in found.reason


def test_sums_that_are_rounded_are_no_folds() -> None:
    """Only over the reals is the sum of a whole what its parts say."""
    found = equivalent(lambda x: x.amax(-1), lambda x: x.max(-1).values, ("N", "W"), "float32")
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert "in float32" in found.reason


def test_a_condition_on_elements_holds_at_every_size() -> None:
    """Zero padding is right where no element is negative, and nowhere else."""

    def zeros(x: torch.Tensor) -> torch.Tensor:
        return F.pad(x, (1, 1)).unfold(-1, 3, 2).amax(-1)

    found = equivalent(zeros, "max_pool1d(3, 2, 1)", given="x >= 0")
    assert found.verdict is Verdict.PROVED
    assert found.statement.endswith("of shape N×C×W with x >= 0")
    assert any(line.startswith("given: x >= 0") for line in found.footprint)
    found = equivalent(zeros, "max_pool1d(3, 2, 1)", given="x >= -1", why=False)
    assert found.verdict is Verdict.REFUTED
    assert found.given == "x >= -1"
    with pytest.raises(ValueError, match="given and between both say which inputs are meant"):
        equivalent(zeros, "max_pool1d(3, 2, 1)", given="x >= 0", between=(0, 1))


def test_a_size_as_a_truth_value_is_not_followed() -> None:
    """Torch asks where it takes no exception, and goes on; there is no proof."""
    found = equivalent(lambda x: x.amax(1) + (x.shape[2] > 30), lambda x: x.amax(1), (1, 2, "W"))
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×2×31: ")


def test_equal_letters_are_equal_sizes() -> None:
    """What holds of squares only is proved for squares, and numbers stay fixed."""

    def square(x: torch.Tensor) -> torch.Tensor:
        return x.max(1).values if x.shape[-1] == x.shape[-2] else x * 0

    found = equivalent(square, lambda x: x.amax(1), ("N", 3, "H", "H"))
    assert found.verdict is Verdict.PROVED
    found = equivalent(square, lambda x: x.amax(1), ("N", 3, "H", "W"))
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×3×1×2:")


@pytest.mark.parametrize("shape", [("N", 0, "W"), (1, "a b", 3), ("", 1, 1), (1, 2.5, "W")])
def test_what_is_no_shape_is_refused(shape: Any) -> None:
    """The message says what a shape is."""
    with pytest.raises(ValueError, match="must be whole numbers from 1 on and letters"):
        equivalent(slices, "max_pool2d(3, 2, 1)", shape)


def test_a_module_has_no_rank() -> None:
    """Without a pooling by name the shape must be given."""
    with pytest.raises(ValueError, match="the rank of the reference is not known"):
        equivalent(slices, slices)


@pytest.mark.parametrize("counted", [True, False])
def test_averages_of_dilated_windows(counted: bool) -> None:
    """By a convolution, over the padding or over what is there; the other of the two is refuted."""
    weight = torch.full((1, 1, 3, 3), 1 / 9)

    def average(x: torch.Tensor) -> torch.Tensor:
        total = F.conv2d(x, weight, padding=1, dilation=2)
        here = F.conv2d(torch.ones_like(x), weight, padding=1, dilation=2)
        return total if counted else total / here

    for other in (True, False):
        reference = f"avg_pool2d(3, 1, 1, dilation=2, count_include_pad={other})"
        found = equivalent(average, reference, ("N", 1, "H", "W"), why=False)
        assert found.verdict is (Verdict.PROVED if other is counted else Verdict.REFUTED)


#: Which kernel for which size, and which for all others.
KERNELS: dict[tuple[int, ...], int] = {(37, 41): 3}


def by_table(x: torch.Tensor) -> torch.Tensor:
    """Look a kernel up, which symbols refuse in another way than sizes that are not there."""
    try:
        kernel = KERNELS[tuple(x.shape[2:])]
    except Exception:
        kernel = 2
    return F.max_pool2d(x, kernel, 2)


def beside(x: torch.Tensor) -> torch.Tensor:
    """Add to a picture of one size only."""
    try:
        return (x + torch.ones(41, 37)).relu()
    except RuntimeError:
        return x.relu()


def by_offset(x: torch.Tensor) -> torch.Tensor:
    """Read a size off a place in memory."""
    return x.relu() + 1 if x[:, 1].storage_offset() == 37 * 41 else x.relu()


def by_gaps(x: torch.Tensor) -> torch.Tensor:
    """Read off memory whether one size is twice the other."""
    h, w = x.shape[2:]
    gaps = w >= 2 * h and not x[..., : 2 * h].is_contiguous()
    return x.relu() + 1 if gaps else x.relu()


def written_far(x: torch.Tensor) -> torch.Tensor:
    """Write what stands far away, nothing in a small picture, into memory made before."""
    far = sum(range(12))
    y = torch.zeros_like(x)
    torch.add(x.relu(), F.pad(x, (0, far))[..., far:], out=y)
    return y


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "reference"),
    [(by_table, "max_pool2d(2)"), (beside, F.relu), (by_offset, F.relu), (by_gaps, F.relu),
     (written_far, F.relu)],
)  # fmt: skip
def test_sizes_that_are_asked_for_in_roundabout_ways(module: Network, reference: Any) -> None:
    """By a table, an exception of torch's, memory or what is written elsewhere: no proof."""
    found = equivalent(module, reference, (1, 2, "H", "W"), why=False)
    assert found.verdict is not Verdict.PROVED, found.reason
    assert "the judge broke" not in found.reason


def test_a_reference_with_a_large_window() -> None:
    """There is none at the size that is looked at first; it is proved where there is."""

    def windows(x: torch.Tensor) -> torch.Tensor:
        return x.unfold(-1, 9, 1).amax(-1)

    found = equivalent(windows, lambda x: F.max_pool1d(x, 9, 1), (1, 1, "W"))
    assert found.verdict is Verdict.PROVED, found.reason
    found = equivalent(lambda x: x[..., 8:], windows, (1, 1, "W"), why=False)
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×1×9: ")


def test_a_reference_at_no_size() -> None:
    """Then no size is judged."""
    found = equivalent(lambda x: x, lambda x: x.unfold(1, 3, 1), (1, 2, "W"))
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == "no size was judged: there is a reference at no size"


def test_a_pooling_along_one_axis_by_torch() -> None:
    """Torch's own function looks at the axis as a plain number; here it does not."""
    for reference in ("max_pool1d(3, 2, 1)", "max_pool1d(3, 2, 1, ceil_mode=True)"):
        found = equivalent(torch.nn.MaxPool1d(3, 2, 1, ceil_mode="ceil" in reference), reference)
        assert found.verdict is Verdict.PROVED, found.reason
    found = equivalent(torch.nn.MaxPool1d(3, 2, 1), "max_pool1d(3, 2, 1, dilation=2)", why=False)
    assert found.verdict is Verdict.REFUTED


def by_axes(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 3, 2, 1, rows and columns one after the other."""
    rows = F.max_pool2d(x, (3, 1), (2, 1), (1, 0))
    return F.max_pool2d(rows, (1, 3), (1, 2), (0, 1))


def mean(x: torch.Tensor) -> torch.Tensor:
    """Mean of a picture."""
    return x.mean((2, 3))


def summed(x: torch.Tensor) -> torch.Tensor:
    """Mean of a picture, as a sum."""
    return x.flatten(2).sum(-1) / x[0, 0].numel()


#: What two sizes may be to one another, and the smallest picture more than 10 wide for which it is.
TIES: dict[str, tuple[Callable[[int, int], bool], str]] = {
    "the same": (lambda h, w: h == w, "11×11"),
    "twice": (lambda h, w: h == 2 * w, "22×11"),
    "three more": (lambda h, w: w == h + 3, "8×11"),
    "three halves": (lambda h, w: 2 * h == 3 * w, "18×12"),
    "together": (lambda h, w: h + w == 12, "1×11"),
    "an area": (lambda h, w: h * w == 24, "1×24"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("where", "smallest"), TIES.values(), ids=TIES)
def test_sizes_that_say_one_another(where: Callable[[int, int], bool], smallest: str) -> None:
    """Where one size is said by another they grow together, in sums of whole axes as in windows."""
    for one, other in ((mean, summed), (lambda x: F.max_pool2d(x, 3, 2, 1), by_axes)):

        def module(x: torch.Tensor, one: Network = one, other: Network = other) -> torch.Tensor:
            return other(x) if where(*x.shape[2:]) else one(x)

        found = equivalent(module, one, (1, 1, "H", "W"))
        assert found.verdict is Verdict.PROVED, found.reason

    far = sum(range(1, 5))

    def shifted(x: torch.Tensor) -> torch.Tensor:
        return mean(x + F.pad(x, (0, far))[..., far:]) if where(*x.shape[2:]) else mean(x)

    found = equivalent(shifted, mean, (1, 1, "H", "W"), why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.reason.startswith(f"at 1×1×{smallest}: ")


def test_as_many_sizes_as_a_sum_along_two_axes_of_one_size_takes() -> None:
    """Four that follow one another; so too where two letters are one size."""
    for shape in ((1, 1, "H", "H"), (1, 1, "H", "W")):
        found = equivalent(
            lambda x: mean(x) if x.shape[2] == x.shape[3] else summed(x), mean, shape
        )
        assert found.verdict is Verdict.PROVED
        assert "sizes up to 1×1×4×4 judged" in found.reason


@pytest.mark.parametrize(
    ("where", "smallest"),
    [
        (lambda x: x.shape[2] * x.shape[3] == 37 * 41, "1×1×1×1517"),
        (lambda x: x.stride(2) * x.shape[2] == 43 * 47, "1×1×1×2021"),
        (lambda x: x[0, 0].numel() > 5000, "1×1×1×5001"),
    ],
)
def test_a_decision_by_a_product_of_sizes(where: Callable[..., bool], smallest: str) -> None:
    """Classes are too many; the smallest size is found at which it goes the other way."""
    found = equivalent(lambda x: x.relu() + 1 if where(x) else x.relu(), F.relu,
                       (1, 1, "H", "W"), why=False)  # fmt: skip
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.reason.startswith(f"at {smallest}: ")


def test_what_the_module_asks_is_read_where_the_reference_is_not() -> None:
    """Sizes that it treats apart are run all the same."""
    found = equivalent(lambda x: x.flip(1) + (1 if x.shape[1] * 3 == 2**9 + 1 else 0),
                       lambda x: x.flip(-1), (1, "W"), why=False)  # fmt: skip
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×171: ")


def test_numbers_beside_numbers_that_are_as_many_as_a_size() -> None:
    """An average of what is there counts ones, to which more are joined at an end."""

    def counted(x: torch.Tensor) -> torch.Tensor:
        ones = torch.ones_like(x)
        ones = torch.cat(
            [torch.zeros_like(ones[..., :1]), ones, torch.zeros_like(ones[..., :1])], -1
        )
        return F.avg_pool1d(x, 3, 1, 1) * 3 / ones.unfold(-1, 3, 1).sum(-1)

    reference = "avg_pool1d(3, 1, 1, count_include_pad=False)"
    found = equivalent(counted, reference)
    assert found.verdict is Verdict.PROVED, found.reason
    found = equivalent(AvgPool1d(2, 2, ceil_mode=True, count_include_pad=False),
                       "avg_pool1d(2, ceil_mode=True, count_include_pad=False)")  # fmt: skip
    assert found.verdict is Verdict.PROVED, found.reason


#: How wide an image must not be, which stands nowhere as a number.
WIDE = len("a width that nobody tries at all, 43.....")


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: F.relu(1 - torch.full((1,), x.shape[-1] - float(WIDE)).abs()),
        lambda x: len(x.unbind(-1)) == WIDE,
        lambda x: x.shape[-1] * 0.01 == WIDE * 0.01,
    ],
)
def test_a_width_that_stands_nowhere(wrong: Callable[[torch.Tensor], Any]) -> None:
    """A size that is given on as a fraction, or a number of pieces, is followed or no proof."""

    def module(x: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = F.max_pool2d(x, 2) + wrong(x)
        return pooled

    assert module(torch.zeros(1, 1, 2, WIDE)).max() == 1
    assert equivalent(module, "max_pool2d(2)", why=False).verdict is not Verdict.PROVED


def first_of_three(x: torch.Tensor) -> torch.Tensor:
    """Return the first of the windows that are left after three poolings, of at most 8 × 8."""
    for _ in range(3):
        x = F.max_pool2d(x, 2, 2, ceil_mode=True)
    return x[..., :1, :1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "reference", "smallest", "all_tried"),
    [
        (first_of_three, "adaptive_max_pool2d(1)", "1×1×1×9", True),
        (lambda x: F.max_pool2d(x, 2) + (x.shape[2] * x.shape[3] > 500), "max_pool2d(2)",
         "1×1×3×167", False),
    ],
)  # fmt: skip
def test_the_smallest_size_where_sizes_are_not_read(
    module: Network, reference: str, smallest: str, all_tried: bool
) -> None:
    """Smaller sizes than one that fails are judged as well, or it says that not all were."""
    found = equivalent(module, reference, OPEN, why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.reason.startswith(f"at {smallest}: ")
    assert ("; of smaller sizes not all were tried" in found.reason) is not all_tried


def pairs(x: torch.Tensor) -> torch.Tensor:
    """Return the larger of every two, by a ReLU."""
    one, other = x[..., ::2][..., : x.shape[-1] // 2], x[..., 1::2]
    return F.relu(one - other) + other


def mixed_from(width: int) -> Network:
    """Return the larger of every two, from some width on as the sum of two maxima."""

    def module(x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] < width:
            return pairs(x)
        return F.max_pool1d(x * 0.25, 2) + F.max_pool1d(x * 0.75, 2)

    return module


ONE_AXIS = ("N", "C", "W")


@pytest.mark.slow
def test_a_bound_for_every_size_is_the_largest() -> None:
    """It is found at the sizes from which all others follow, and no run is further away."""
    near = equivalent(pairs, "max_pool1d(2)", ONE_AXIS, "float16", between=(-1, 1))
    far = equivalent(mixed_from(23), "max_pool1d(2)", ONE_AXIS, "float16", between=(-1, 1))
    for found in (near, far):
        assert (found.verdict, found.sizes, found.system) == (Verdict.WITHIN, "all", "float16")
        assert "inputs: between [-1, 1]" in found.footprint
        assert "all others follow" in found.reason
    here = equivalent(pairs, "max_pool1d(2)", (1, 1, 3), "float16", between=(-1, 1))
    assert near.within == here.within
    large = equivalent(mixed_from(23), "max_pool1d(2)", (1, 1, 24), "float16", between=(-1, 1))
    assert far.within == max(large.within or 0.0, near.within or 0.0)
    for found, module in ((near, pairs), (far, mixed_from(23))):
        assert found.within
        for width in (2, 9, 40, 101):
            x = (torch.rand(2, 3, width) * 2 - 1).half()
            error = module(x).double() - F.max_pool1d(x.double(), 2)
            assert float(error.abs().max()) <= found.within


@pytest.mark.slow
def test_no_bound_for_every_size() -> None:
    """Sums of whole axes round more the larger they are; and a wrong module is refuted."""
    found = equivalent(
        lambda x: x.mean(-1, keepdim=True), "adaptive_avg_pool1d(1)", ONE_AXIS, "float16",
        between=(0, 1),
    )  # fmt: skip
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == (
        "no bound is known for every size: what was made of whole axes, in float16; ask for one "
        "at a shape"
    )
    found = equivalent(
        lambda x: pairs(x) * (1 + (x.shape[-1] == 31)), "max_pool1d(2)", ONE_AXIS, "float16",
        between=(0, 1), why=False,
    )  # fmt: skip
    assert found.verdict is Verdict.REFUTED
    assert (found.sizes, found.reason.partition(":")[0]) == ("W ≠ 31", "at 1×1×31")


def test_what_rounds_nothing_is_proved() -> None:
    """A maximum is one of its elements in every format."""
    found = equivalent(lambda x: F.max_pool1d(x, 2), "max_pool1d(2)", ONE_AXIS, "bfloat16",
                       between=(0, 1))  # fmt: skip
    assert (found.verdict, found.sizes) == (Verdict.PROVED, "all")
    assert found.reason.startswith("nothing rounds; ")
