"""No linear or affine kernel computes a maximum, so no convolution is a max-pooling.

Suppose w·x + c were the largest entry of x for every window x of n ≥ 2 taps. Look at three
windows: one tap 1 and the rest 0, the same tap −1 and the rest 0, and all zero. The maxima are 1,
0 and 0. Add the first two and subtract the third twice: every affine function gives 0, the maximum
gives 1. The three windows settle it for any n, for any number of channels (put zeros in the
others), and for any stack of convolutions, since a composition of affine maps is affine.

Windows of zeros and ones do as well: 1 at the first tap, 1 at the second, both, none, with
multipliers 1, 1, −1, −1. So restricting the input to what a ReLU puts out does not help, and the
argument survives in every number system in which 1 + 1 is not 1. There the products are added in
turn, the bias last. However many further taps are 0, each adds nothing or, times a weight that is
infinite or NaN, leaves NaN for good. That is shown by induction over the further weights.
"""

from collections.abc import Callable
from fractions import Fraction

from pooling.arithmetic import maximum
from proofs.claim import PROVED, PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import EXACT, MACHINE
from proofs.terms import Term, conjunction, constant, fold, for_all, sequence, variable, variables

#: A window of n taps, n left open: the taps that are not zero, with their values.
SparseWindow = dict[int, Fraction]
Certificate = tuple[tuple[Fraction, SparseWindow], ...]

ONE = Fraction(1)
SIGNED: Certificate = ((ONE, {0: ONE}), (ONE, {0: -ONE}), (Fraction(-2), {}))
NON_NEGATIVE: Certificate = ((ONE, {0: ONE}), (ONE, {1: ONE}), (-ONE, {0: ONE, 1: ONE}), (-ONE, {}))


def largest_entry(window: SparseWindow, taps: int) -> Fraction:
    """Return the maximum of a window of ``taps`` entries of which those not listed are 0."""
    listed = list(window.values())
    return max(listed if len(listed) == taps else [*listed, Fraction(0)])


def separates(certificate: Certificate, taps: int = 2) -> str:
    """Check that ``certificate`` gives 0 on every affine function and not on the maximum.

    Windows are sparse: whatever they do not list is 0. With one tap more than ``taps`` every window
    has a 0 in it, and any further tap is another 0, so two sizes stand for all. Raises
    ``CheckFailedError``.
    """
    if sum(multiplier for multiplier, _ in certificate) != 0:
        raise CheckFailedError("the multipliers do not add up to 0: constants survive")
    for tap in {tap for _, window in certificate for tap in window}:
        if sum(multiplier * window.get(tap, Fraction(0)) for multiplier, window in certificate):
            raise CheckFailedError(f"the weight at tap {tap} survives")
    for size in (taps, taps + 1):
        gap = sum(multiplier * largest_entry(window, size) for multiplier, window in certificate)
        if gap == 0:
            raise CheckFailedError(
                f"{size} taps: the maximum gives 0 as well, nothing is separated"
            )
    return f"{len(certificate)} windows: affine functions give 0, the maximum {gap}, any n ≥ {taps}"


#: What the certificate shows in exact arithmetic, and induction in that of tensors.
ZEROS_AND_ONES = "windows of zeros and ones"


def checked(
    name: str, run: Callable[[], str], engine: str = "certificate", *, cross_check: bool = False
) -> Check:
    """Return a check that proves the claim for every number of taps over the reals."""
    return Check(name, engine, run, PROVED, EXACT, cross_check=cross_check)


def symbolic_taps() -> str:
    """Let SymPy evaluate the certificate on a kernel with a symbolic number of taps.

    The kernel is an indexed family w[0], …, w[n − 1] and the window e₀ a Kronecker delta.
    """
    import sympy

    n = sympy.Symbol("n", integer=True, positive=True)
    i = sympy.Symbol("i", integer=True, nonnegative=True)
    weights, bias = sympy.IndexedBase("w"), sympy.Symbol("c")

    def affine(entry: int) -> sympy.Expr:
        products = weights[i] * entry * sympy.KroneckerDelta(i, 0)
        return sympy.Sum(products, (i, 0, n - 1)).doit() + bias

    left = sympy.simplify(sympy.piecewise_fold(affine(1) + affine(-1) - 2 * affine(0)))
    if left != 0:
        raise CheckFailedError(f"an affine kernel leaves {left}")
    return "the certificate gives 0 on Σ w[i]·x[i] + c for symbolic n, and 1 + 0 − 2·0 on max"


def weighted(taps: int, window: tuple[Term, ...] | tuple[int, ...]) -> Term:
    """Return w₁·x₁ + … + w_n·x_n + c, computed in this order."""
    result = variable("w1") * window[0]
    for index in range(1, taps):
        result = result + variable(f"w{index + 1}") * window[index]
    return result + variable("c")


FOUR_EQUATIONS = {"sympy": "a case split over weights does not decide four equations"}


def no_kernel(taps: int, systems: tuple[str, ...], name: str = "") -> Theorem:
    """Say of ``taps`` taps that no kernel is right on four windows of zeros and ones.

    Under a ``name`` it is what a cell rests on, otherwise it shows again what others prove.
    """
    first = (1,) + (0,) * (taps - 1)
    second = (0, 1) + (0,) * (taps - 2)
    both = (1, 1) + (0,) * (taps - 2)
    none = (0,) * taps
    right = weighted(taps, none) == constant(0)
    for window in (first, second, both):
        right = right & (weighted(taps, window) == constant(1))
    return Theorem(
        ~right,
        name=name or f"{taps} taps, four windows",
        systems=systems,
        bound=f"n = {taps}",
        cross_check=not name,
        beyond=FOUR_EQUATIONS,
    )


def no_kernel_however_wide(systems: tuple[str, ...]) -> Theorem:
    """Say of any number of taps that no kernel is right on the same four windows.

    ``w`` holds the weights of the taps that are 0 in all of them.
    """
    so_far, weight, bias = variables("so_far weight c")
    unchanged, right = [], []
    for window in ((0, 0), (1, 0), (0, 1), (1, 1)):
        of_two = variable("w1") * window[0] + variable("w2") * window[1]
        whole = fold(of_two, sequence("w"), so_far, weight, so_far + weight * 0)
        not_a_number = ~(whole <= whole)
        unchanged.append((whole == of_two) | not_a_number)
        right.append(whole + bias == constant(max(window)))
    return Theorem(
        conjunction(tuple(unchanged)) & ~conjunction(tuple(right)),
        name=ZEROS_AND_ONES,
        systems=systems,
        by_induction_on=sequence("w"),
        beyond=FOUR_EQUATIONS
        | {"cvc5/float[36]*": "a second, where Bitwuzla takes a tenth of one"},
    )


def stack() -> Theorem:
    """Say that an affine map of an affine map is an affine map: why depth does not help."""
    x, w1, c1, w2, c2 = (variable(name) for name in ("x", "w1", "c1", "w2", "c2"))
    return Theorem(
        w2 * (w1 * x + c1) + c2 == (w2 * w1) * x + (w2 * c1 + c2),
        name="in exact arithmetic a stack of affine maps is affine",
        judged_in="real",
    )


def quantified(taps: int) -> Theorem:
    """Say of ``taps`` taps that no kernel is right on all windows, quantifier and all."""
    window = tuple(variable(f"x{index + 1}") for index in range(taps))
    best = window[0]
    for x in window[1:]:
        best = maximum(best, x)
    return Theorem(
        ~for_all(window, weighted(taps, window) == best),
        name=f"{taps} taps, all windows",
        systems=("real",),
        bound=f"n = {taps}",
        cross_check=True,
        beyond={"z3": "quantifiers over four reals and more: minutes"} if taps > 3 else {},
    )


#: No solver knows how this format saturates, so all kernels of two taps are tried.
TRIED = ("float8_e4m3fn",)
SOLVED = tuple(name for name in MACHINE if name not in ("wraparound", *TRIED))

claim = Claim(
    __name__,
    title="No affine function computes the maximum of two or more taps, so no convolution is a "
    "max-pooling.",
    holds="stacks of convolutions in exact arithmetic; in the number systems of tensors products "
    "are added in turn, the bias last; two taps in float8_e4m3fn",
    why="An affine function cannot tell 1 at one tap plus 1 at another from 1 at both. The maximum "
    "can, in every number system in which 2 is not 1.",
    source="Dive into Deep Learning, pooling chapter, exercise: can max-pooling be a convolution?",
    generality="any number of taps n ≥ 2 and all weights, but two taps in float8_e4m3fn; any "
    "number of channels, any stack of convolutions over the reals",
    parts=(
        checked(ZEROS_AND_ONES, lambda: separates(NON_NEGATIVE)),
        no_kernel_however_wide(SOLVED),
        no_kernel(2, TRIED, ZEROS_AND_ONES),
        checked("signed windows", lambda: separates(SIGNED), cross_check=True),
        kernel(
            "no_affine_function_is_the_maximum",
            "linear_kernels/affine.v",
            EXACT,
            says="any number of taps from 2 on: windows of 0, 1 and −1 refute all real weights",
        ),
        checked("symbolic number of taps", symbolic_taps, engine="sympy", cross_check=True),
        stack(),
        *(no_kernel(taps, EXACT) for taps in (2, 3, 4)),
        *(quantified(taps) for taps in (2, 3, 4, 5)),
    ),
    expected=expect(PROVED, EXACT, SOLVED) | expect(PROVED_BOUNDED, TRIED),
    mutants={
        "a certificate whose constants survive": checked(
            "", lambda: separates(((ONE, {0: ONE}), (ONE, {0: -ONE})))
        ),
        "a certificate that loses the maximum": checked(
            "", lambda: separates(((ONE, {0: ONE}), (-ONE, {0: ONE})))
        ),
        "one tap": checked("", lambda: separates(SIGNED, taps=1)),
        "three windows are enough": Theorem(
            ~(
                (weighted(2, (0, 0)) == constant(0))
                & (weighted(2, (1, 0)) == constant(1))
                & (weighted(2, (0, 1)) == constant(1))
            )
        ),
    },
)
