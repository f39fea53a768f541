"""The sweep of a measurement in torch, block by block, as on a GPU."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.terms import Term
from verify.encodings.tensors import TensorInterpreter
from verify.sweeps.elements import elements
from verify.sweeps.program import ABSOLUTE, INEXACT, NAN, OVERFLOWING, RELATIVE, ULPS
from verify.sweeps.sweep import Block, Tally

#: Pairs of a block. On a GPU a float32 tensor of them is 128 MiB, so that it is the memory that
#: sets the pace and not the host, and the tensors of a block together fit into a small card.
_PAIRS = {"cuda": 2**25}
_PAIRS_ELSEWHERE = 2**21


def rows_in_torch(device: str, columns: int) -> int:
    """Return how many rows a block has on a device of torch's.

    >>> rows_in_torch("cuda", 65536), rows_in_torch("cpu", 65536)
    (512, 32)
    """
    return max(1, _PAIRS.get(device.partition(":")[0], _PAIRS_ELSEWHERE) // columns)


@dataclass(frozen=True, eq=False)
class InTorch:
    """The work of measuring a form on a device of torch's, with torch's own arithmetic.

    It finds what the compiled program finds: counts, the first pair of each kind, and the greatest
    errors by the same keys. Bits of keys are not compared between the two.
    """

    form: Term
    target: Term
    system: str
    device: str
    seed: int = 0

    def __call__(self, block: Block) -> Tally:
        """Compute all pairs of a block at once."""
        system = SYSTEMS[self.system]
        assert isinstance(system, FloatFormat)
        known = elements(self.system, self.seed)
        with torch.device(self.device):
            values = torch.tensor(known.values).to(getattr(torch, self.system))
            rows, columns = values[slice(*block.rows)], values[slice(*block.columns)]
            shape = (len(rows), len(columns))
            pairs = {
                "a": rows[:, None].expand(shape).contiguous(),
                "b": columns[None, :].expand(shape).contiguous(),
            }
            interpreter = TensorInterpreter(system, pairs)
            computed, wanted = (interpreter(x).expand(shape) for x in (self.form, self.target))
            if system.bits < 32:
                computed, wanted = computed.to(torch.float32), wanted.to(torch.float32)
            nan = computed.isnan() & ~wanted.isnan()
            overflowing = computed.isinf() & wanted.isfinite()
            same = (computed == wanted) | (computed.isnan() & wanted.isnan())
            inexact = ~(same | nan | overflowing)
            counted = {INEXACT: inexact, OVERFLOWING: overflowing, NAN: nan}
            keys = _keys(computed, wanted, inexact, system)

        def place(index: int) -> tuple[int, int]:
            row, column = divmod(index, shape[1])
            return block.rows[0] + row, block.columns[0] + column

        counts = {name: int(said.sum()) for name, said in counted.items()}
        first = {
            name: place(int(said.flatten().to(torch.uint8).argmax()))
            for name, said in counted.items()
            if counts[name]
        }
        greatest = {}
        for name, key in keys.items():
            most = key.max()
            if most > 0:
                at = int((key == most).flatten().to(torch.uint8).argmax())
                greatest[name] = (_bits(most), place(at))
        return Tally(block.pairs, counts, first, greatest)


def _keys(
    computed: torch.Tensor, wanted: torch.Tensor, inexact: torch.Tensor, system: FloatFormat
) -> dict[str, torch.Tensor]:
    """Return keys that order pairs by their errors."""
    zero = torch.zeros((), dtype=computed.dtype)
    error, magnitude = (computed - wanted).abs(), wanted.abs()
    unit = torch.ldexp(
        torch.ones_like(magnitude),
        (torch.frexp(magnitude).exponent - 1).clamp(min=system.least_exponent),
    )
    return {
        ABSOLUTE: torch.where(inexact, error, zero),
        RELATIVE: torch.where(inexact, error / magnitude, zero),
        ULPS: torch.where(inexact, error / unit, zero),
    }


def _bits(x: torch.Tensor) -> int:
    """Return the bits of a number that is not negative, which have its order."""
    return int(x.view(torch.int64 if x.dtype == torch.float64 else torch.int32))
