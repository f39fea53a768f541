from __future__ import annotations

import itertools

import pytest

from pooling.arguments import Window
from pooling.rebuilt.taps import filling, last_read
from proofs.evaluate import evaluate
from proofs.rebuilt.replication_is_minus_infinity_padding import before, behind
from proofs.systems import SYSTEMS

INTEGER = SYSTEMS["integer"]
LAYERS = [
    (size, kernel, stride, padding, dilation, ceil)
    for size, kernel, stride, dilation, ceil in itertools.product(
        range(1, 6), range(1, 5), (1, 3), range(1, 4), (False, True)
    )
    for padding in range(kernel // 2 + 1)
    if size + 2 * padding >= dilation * (kernel - 1) + 1
]


def test_repeated_elements_are_taps_iff_there_is_one() -> None:
    """Counted out for what the module repeats: all windows of more than 250 layers."""
    outside = without = 0
    for size, kernel, stride, padding, dilation, ceil in LAYERS:
        (axis,) = Window(kernel, stride, padding, dilation, ceil).axes((size,))
        earlier, later = filling(axis)
        for window in range(axis.outputs):
            read = [window * stride - padding + j * dilation for j in range(kernel)]
            inside = {p for p in read if 0 <= p < size}
            for p in read:
                if p in inside:
                    continue
                element = earlier[p + padding] if p < 0 else later[p - size]
                assert last_read(axis) >= p
                assert (element in inside) is bool(inside)
                outside, without = outside + 1, without + (not inside)
    assert len(LAYERS) > 250 and outside > 300 and without > 10


@pytest.mark.parametrize("dilation", range(1, 4))
def test_the_claim_holds_window_by_window(dilation: int) -> None:
    """Base, residue and tap by tap: every small window that leaves the input."""
    met = 0
    for n, k, j, q, r, t in itertools.product(
        range(1, 4), range(1, 4), range(3), range(-3, 5), range(dilation), range(-3, 4)
    ):
        values = dict(n=n, k=k, d=dilation, j=j, q=q, r=r, t=t, last=(n - 1 - r) // dilation)
        for theorem in (before, behind):
            if all(evaluate(p, values, INTEGER) for p in theorem.premises):
                met += 1
                assert evaluate(theorem.conclusion, values, INTEGER)
    assert met > 100
