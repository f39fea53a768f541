"""Layers of ReLUs alone: how large what they add is, and by how much each layer adds to the error.

Where nothing may go around a layer, a value is what two or three neurons come to, a + b − c, and a
layer makes of two values t and m the neurons ReLU(t − m), ReLU(m) and ReLU(−m). Every neuron is one
sum in any order. So two things are to be known of it: how large its partial sums can be, which says
what each addition is rounded by, and what becomes of such errors.

Let |a + b − c| and |b − c| be at most K, as the values are, and let m and −m be rounded by at most
s where b and c are made of them. Then b and c are both above 0 only where they are at most 2s. With
one of them 0, t − m is a sum of four numbers, of which no two and no three come to more than 3K,
and the whole to no more than 2K: three additions. Where both are above 0 there are one or two
additions more, of sums that are smaller for it. A layer whose differences are off by A, and whose
b and c by B, adds A + B to the error and no more. Each is a sum of halves of gaps, at those sizes:
so a layer costs 10u·R as long as the error is small, whatever the format (``docs/tolerance.md``).
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, relu, variables

K, s, A, B, E = variables("K s A B E")
t, m, T, M, alpha, beta, gamma = variables("t m T M alpha beta gamma")
S, P, N, y = variables("S P N y")
a, b, c, p, q, r = variables("a b c p q r")


def real(name: str, conclusion: Term, given: tuple[Term, ...], where: tuple[Term, ...]) -> Theorem:
    """State something of one layer over the reals."""
    return Theorem(conclusion, given=given, where=where, name=name, systems=("real",))


def at_most(end: Term, *numbers: Term) -> Term:
    """Return that no partial sum of some numbers is larger, in whatever order they are added."""
    above, below = relu(numbers[0]), relu(-numbers[0])
    for number in numbers[1:]:
        above, below = above + relu(number), below + relu(-number)
    return (above <= end) & (below <= end)


def positive(*neurons: Term) -> tuple[Term, ...]:
    """Return that neurons are ReLUs."""
    return tuple(neuron >= 0 for neuron in neurons)


more = real(
    "a partial sum is at most the sum of what is above 0, also with one number more",
    (S.maximum(S + y) <= P + relu(y)) & (-(N + relu(-y)) <= S.minimum(S + y)),
    (S <= P, -N <= S), (),
)  # fmt: skip
both = real(
    "both are above 0 only where they are small", (relu(m + beta) <= 2 * s) & (
        relu(-m + gamma) <= 2 * s
    ),
    (0 < m + beta, 0 < -m + gamma, abs(beta) <= s, abs(gamma) <= s), (s >= 0,),
)  # fmt: skip
w, x = variables("w x")  # b − c of two values, one of each b and c being 0
four = (a, w, -p, -x)
plain_values = (abs(a + w) <= K, abs(w) <= K, abs(p + x) <= K, abs(x) <= K)
one_zero = real(
    "a difference, with one of each b and c 0",
    at_most(3 * K, *four) & (abs(a + w - p - x) <= 2 * K),
    plain_values, positive(a, p),
)  # fmt: skip
one_pair = real(
    "a difference, with b and c of one value above 0",
    at_most(2 * K + 2 * s, a, b, -c, -p, -x),
    (abs(a + b - c) <= K, c <= 2 * s, abs(p + x) <= K, abs(x) <= K), positive(a, b, c, p),
)  # fmt: skip
two_pairs = real(
    "a difference, with b and c of both values above 0",
    at_most((K + 4 * s).maximum(2 * K), a, b, -c, -p, -q, r),
    (abs(a + b - c) <= K, c <= 2 * s, abs(p + q - r) <= K, r <= 2 * s),
    positive(a, b, c, p, q, r),
)  # fmt: skip
again = real(
    "a value itself, with both above 0",
    at_most(K + 2 * s, a, b, -c),
    (abs(a + b - c) <= K, c <= 2 * s), positive(a, b, c),
)  # fmt: skip
#: T and M are what the neurons come to, t and m what is meant.
layer = real(
    "what a layer adds to the error",
    abs(relu(T - M + alpha) + relu(M + beta) - relu(-M + gamma) - t.maximum(m)) <= E + A + B,
    (abs(T - t) <= E, abs(M - m) <= E, abs(alpha) <= A, abs(beta) <= B, abs(gamma) <= B),
    (E >= 0, A >= 0, B >= 0),
)  # fmt: skip

claim = Claim(
    __name__,
    title="Layers of ReLUs without skips add up: each costs its own roundings, of sums up to 3K.",
    holds="K bounds the values, s what m and −m are rounded by; no overflow",
    why="One of ReLU(m) and ReLU(−m) is 0, or both are small; and a maximum passes on the larger "
    "error of its arguments.",
    source="networks without skips: Arora et al. 2018 (arXiv 1611.01491)",
    generality="all values and sizes, sums in any order; with halves of gaps for the costs, in "
    "every format that rounds to nearest",
    parts=(more, both, one_zero, one_pair, two_pairs, again, layer),
    expected=expect(PROVED, "real"),
    mutants={
        "what is below 0 counts on neither side": replace(
            more, conclusion=(S.maximum(S + y) <= P + relu(y)) & (-N <= S.minimum(S + y))
        ),
        "both are as small as one rounding": replace(
            both, conclusion=(relu(m + beta) <= s) & (relu(-m + gamma) <= s)
        ),
        "no partial sum is above the whole": replace(
            one_zero, conclusion=at_most(2 * K, *four)
        ),
        "a pair above 0 costs no room": replace(
            one_pair, conclusion=at_most(2 * K, a, b, -c, -p, -x)
        ),
        "two pairs stay within the value": replace(
            two_pairs, conclusion=at_most(2 * K, a, b, -c, -p, -q, r)
        ),
        "a value stays within its size": replace(
            again, conclusion=at_most(K, a, b, -c)
        ),
        "the difference's roundings alone": replace(
            layer,
            conclusion=abs(
                relu(T - M + alpha) + relu(M + beta) - relu(-M + gamma) - t.maximum(m)
            ) <= E + A,
        ),
        "the errors of both values add up to less than the larger": replace(
            layer,
            conclusion=abs(
                relu(T - M + alpha) + relu(M + beta) - relu(-M + gamma) - t.maximum(m)
            ) <= A + B,
        ),
    },
)  # fmt: skip
