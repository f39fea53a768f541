"""What a cost is made of: the kinds of operation, the windows and the taps.

Apart from the registry and the formulas because all three sides need it: formulas fill it in,
the registry hands it out, and whoever checks the model compares it field by field.
"""

from __future__ import annotations

from typing import NamedTuple

from pooling.arithmetic import Number


class Cost(NamedTuple):
    """The exact cost of one operator on one input shape, by kind of operation.

    Fields are ints, or NumPy arrays or SymPy expressions where the shape or the arguments were,
    and cannot be changed. A named tuple rather than a dataclass, whose machinery alone would take
    half of the time in which this package has to load.

    Attributes:
        outputs: Elements of the output, one per window.
        taps: Positions of windows that fall inside the input, summed over all windows.
        output_shape: The shape of the output, leading axes included.
        comparisons: Choices of the larger or the smaller of two numbers.
        additions: Additions of two numbers.
        multiplications: Multiplications of two numbers.
        divisions: Divisions of two numbers.

    >>> Cost(outputs=2, taps=6, output_shape=(1, 2), additions=4, divisions=2).flops
    6
    """

    outputs: Number
    taps: Number
    output_shape: tuple[Number, ...]
    comparisons: Number = 0
    additions: Number = 0
    multiplications: Number = 0
    divisions: Number = 0

    @property
    def flops(self) -> Number:
        """All operations together: comparisons, additions, multiplications and divisions."""
        return self.comparisons + self.additions + self.multiplications + self.divisions
