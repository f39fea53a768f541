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

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, conjunction, relu, variables

K, s, A, B, E = variables("K s A B E")
t, m, T, M, alpha, beta, gamma = variables("t m T M alpha beta gamma")
a, b, c, p, q, r = variables("a b c p q r")


def real(name: str, conclusion: Term, given: tuple[Term, ...], where: tuple[Term, ...]) -> Theorem:
    """State something of one layer over the reals."""
    return Theorem(conclusion, given=given, where=where, name=name, systems=("real",))


def partial(numbers: Sequence[Term], sizes: Sequence[int]) -> Iterator[Term]:
    """Yield the sums of so many of some numbers."""
    for size in sizes:
        for some in combinations(numbers, size):
            total, *others = some
            for other in others:
                total = total + other
            yield total


def at_most(end: Term, sums: Iterator[Term]) -> Term:
    """Return that all are no larger."""
    return conjunction(tuple(abs(one) <= end for one in sums))


def positive(*neurons: Term) -> tuple[Term, ...]:
    """Return that neurons are ReLUs."""
    return tuple(neuron >= 0 for neuron in neurons)


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
    at_most(3 * K, partial(four, (1, 2, 3))) & (abs(a + w - p - x) <= 2 * K),
    plain_values, positive(a, p),
)  # fmt: skip
one_pair = real(
    "a difference, with b and c of one value above 0",
    at_most(2 * K + 2 * s, partial((a, b, -c, -p, -x), (1, 2, 3, 4, 5))),
    (abs(a + b - c) <= K, c <= 2 * s, abs(p + x) <= K, abs(x) <= K), positive(a, b, c, p),
)  # fmt: skip
two_pairs = real(
    "a difference, with b and c of both values above 0",
    at_most((K + 4 * s).maximum(2 * K), partial((a, b, -c, -p, -q, r), range(1, 7))),
    (abs(a + b - c) <= K, c <= 2 * s, abs(p + q - r) <= K, r <= 2 * s),
    positive(a, b, c, p, q, r),
)  # fmt: skip
again = real(
    "a value itself, with both above 0",
    at_most(K + 2 * s, partial((a, b, -c), (1, 2, 3))),
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
    title="Layers of ReLUs without skips add up: each costs its own roundings, of sums below 3K.",
    holds="K bounds the values, s what m and −m are rounded by; no overflow",
    why="One of ReLU(m) and ReLU(−m) is 0, or both are small; and a maximum passes on the larger "
    "error of its arguments.",
    source="networks without skips: Arora et al. 2018 (arXiv 1611.01491)",
    generality="all values and sizes, sums in any order; with halves of gaps for the costs, in "
    "every format that rounds to nearest",
    parts=(both, one_zero, one_pair, two_pairs, again, layer),
    expected=expect(PROVED, "real"),
    mutants={
        "both are as small as one rounding": replace(
            both, conclusion=(relu(m + beta) <= s) & (relu(-m + gamma) <= s)
        ),
        "no partial sum is above the whole": replace(
            one_zero, conclusion=at_most(2 * K, partial(four, (1, 2, 3, 4)))
        ),
        "a pair above 0 costs no room": replace(
            one_pair, conclusion=at_most(2 * K, partial((a, b, -c, -p, -x), (1, 2, 3, 4, 5)))
        ),
        "two pairs stay within the value": replace(
            two_pairs, conclusion=at_most(2 * K, partial((a, b, -c, -p, -q, r), range(1, 7)))
        ),
        "a value stays within its size": replace(
            again, conclusion=at_most(K, partial((a, b, -c), (1, 2, 3)))
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
