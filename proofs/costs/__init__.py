"""Claims about what algorithms cost, and which of two is cheaper where."""

from dataclasses import dataclass

from pooling.arguments import PoolingArguments
from proofs.terms import Term


@dataclass(frozen=True, eq=False)
class Counted:
    """An axis of which no more is known than what algorithms ask of it.

    The counts of a :class:`pooling.arguments.Axis` follow from its windows by formulas that have
    claims of their own, so what holds of any counts holds of any windows.
    """

    taps: Term
    touched: Term
    occupied: Term
    kernel_size: Term | int = 0
    stride: Term | int = 1
    padding: tuple[Term | int, Term | int] = (0, 0)

    def __str__(self) -> str:
        return f"({self.taps}, {self.touched}, {self.occupied})"

    @property
    def reaching(self) -> Term:
        """The windows that begin before the end of the input: those with a tap, undilated."""
        return self.occupied

    @property
    def outputs(self) -> Term:
        """All windows, none of which is of padding alone."""
        return self.occupied


def unpadded(outputs: Term, kernel_size: Term) -> Counted:
    """Return an axis of windows one element apart that cover the whole input without padding."""
    return Counted(outputs * kernel_size, outputs + kernel_size - 1, outputs, kernel_size)


def pooling_over(*axes: Counted) -> PoolingArguments:
    """Return a pooling over ``axes``, as the formulas of ``costmodel.algorithms`` take it."""
    # A formula asks no more of an axis than Counted has.
    return PoolingArguments((), axes)  # type: ignore[arg-type]
