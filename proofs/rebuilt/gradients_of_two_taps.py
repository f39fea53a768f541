"""Which forms of max(a, b) have max-pooling's gradient, where taps tie and where they do not.

Away from ties the larger tap gets 1 and the other 0. At a tie, where max has no derivative, torch's
max-pooling gives all to the first tap. Its derivative of ReLU at 0 is 0. So ReLU(b − a) + a, the
step of a fold that carries a, gives ties to a: the gradient is max-pooling's everywhere. Turned
round, ReLU(a − b) + b gives them to b.

The plain network of three ReLUs, ReLU(a − b) + ReLU(b) − ReLU(−b), carries b through two of them,
and both are flat at b = 0: there b loses its gradient, at a tie and beside one. With a > b = 0 the
gradient is (1, −1) in place of (1, 0), and with a ≤ b = 0 it is (0, 0). Behind a ReLU layer taps
are 0 all the time, so a network rebuilt so is trained otherwise than by max-pooling.

What autograd does with these and other forms is in ``gradients-in-torch``.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import constant, iff, indicator, variables

a, b = variables("a b")
zero = constant(0)

#: What max-pooling gives to a, and to b; and the forms, ReLU having the derivative 1 above 0 only.
first, second = indicator(b <= a), indicator(a < b)
carried = 1 - indicator(zero < b - a), indicator(zero < b - a)
turned = indicator(zero < a - b), 1 - indicator(zero < a - b)
kept = indicator(zero < b) + indicator(b < zero)
by_three = indicator(zero < a - b), kept - indicator(zero < a - b)

fold = Theorem(
    (carried[0] == first) & (carried[1] == second),
    name="ReLU(b − a) + a has max-pooling's gradient, ties included",
)
turned_fold = Theorem(
    iff((turned[0] == first) & (turned[1] == second), a != b),
    name="ReLU(a − b) + b has it exactly where taps differ",
)
three = Theorem(
    iff((by_three[0] == first) & (by_three[1] == second), (a != b) & (b != 0)),
    name="three ReLUs have it exactly where taps differ and the second is not 0",
)
all_of_it = Theorem(
    iff(by_three[0] + by_three[1] == 1, b != 0),
    name="three ReLUs pass all of the gradient on exactly if the second tap is not 0",
)

claim = Claim(
    __name__,
    title="Of two taps, ReLU(b − a) + a has max-pooling's gradient everywhere; turned round iff "
    "they differ; three ReLUs lose it at 0.",
    holds="derivatives as torch takes them: of ReLU 0 at 0, of max-pooling 1 at the first of equal "
    "taps; three ReLUs have it iff taps differ and the second is not 0",
    why="ReLU is flat at 0, where taps tie, and where the plain network carries a 0.",
    source="backward passes of torch.nn.functional.relu and max_pool1d; derived for this project",
    generality="all real pairs, exact arithmetic",
    parts=(fold, turned_fold, three, all_of_it),
    expected=expect(PROVED, "real integer"),
    mutants={
        "turned round as well": replace(
            fold, conclusion=(turned[0] == first) & (turned[1] == second)
        ),
        "three ReLUs pass all of it on": Theorem(by_three[0] + by_three[1] == 1),
        "three ReLUs, where taps differ": Theorem(
            (by_three[0] == first) & (by_three[1] == second), given=(a != b,)
        ),
    },
)
