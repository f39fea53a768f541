from __future__ import annotations

from itertools import permutations, product

import pytest

from proofs.verdict import Verdict, strongest, weakest

PROVED, EXHAUSTED, BOUNDED, MEASURED, TESTED, PARTIAL = (
    Verdict.PROVED,
    Verdict.EXHAUSTED,
    Verdict.PROVED_BOUNDED,
    Verdict.MEASURED,
    Verdict.TESTED,
    Verdict.PARTIAL,
)
REFUTED, UNKNOWN, SKIPPED, ERROR = (
    Verdict.REFUTED,
    Verdict.UNKNOWN,
    Verdict.SKIPPED,
    Verdict.ERROR,
)
ORDER = (
    PROVED,
    EXHAUSTED,
    BOUNDED,
    MEASURED,
    TESTED,
    PARTIAL,
    REFUTED,
    UNKNOWN,
    SKIPPED,
    ERROR,
)

#: What is said of modules alone; to anything that combines words it is as open as UNKNOWN.
OF_MODULES = (Verdict.NOT_JUDGED, Verdict.MISSING)

#: Said of modules alone as well; weaker than a proof of equality, stronger than samples.
WITHIN = Verdict.WITHIN

# One row and one column per word, in the order of ORDER; P X B M T p are the affirming words.
LETTER = dict(zip("PXBMTpRUSE", ORDER, strict=True))
STRONGEST = """
P P P P P P E U P E
P X X X X X E U X E
P X B B B B E U B E
P X B M M M R U M E
P X B M T T R U T E
P X B M T p R U p E
E E E R R R R U R E
U U U U U U U U U E
P X B M T p R U S E
E E E E E E E E E E
"""
WEAKEST = """
P X B M T p R U S E
X X B M T p R U S E
B B B M T p R U S E
M M M M T p R U S E
T T T T T p R U S E
p p p p p p R U S E
R R R R R R R U R E
U U U U U U U U U E
S S S S S S R U S E
E E E E E E E E E E
"""


def _table(written: str) -> list[tuple[Verdict, Verdict, Verdict]]:
    rows = [[LETTER[letter] for letter in line.split()] for line in written.split("\n") if line]
    return [
        (left, right, rows[y][x]) for y, left in enumerate(ORDER) for x, right in enumerate(ORDER)
    ]


def test_two_engines_on_one_statement() -> None:
    """A contradiction is an error, one that gave up leaves it open, else the stronger counts."""
    for left, right, together in _table(STRONGEST):
        assert strongest([left, right]) is together, (left, right)


def test_two_parts_of_one_claim() -> None:
    """The whole is as weak as its weakest part, an error first."""
    for left, right, together in _table(WEAKEST):
        assert weakest([left, right]) is together, (left, right)


@pytest.mark.parametrize("combine", [strongest, weakest])
def test_nobody_was_asked(combine: object) -> None:
    """No answer at all is a skip, never a pass."""
    assert callable(combine) and combine([]) is SKIPPED


@pytest.mark.parametrize("combine", [strongest, weakest])
def test_one_answer_stands(combine: object) -> None:
    """One answer is the answer."""
    assert callable(combine)
    assert all(combine([word]) is word for word in Verdict)


def test_order_and_repetition_do_not_matter() -> None:
    """Three answers mean the same in any order, and twice the same is once."""
    for words in product(Verdict, repeat=3):
        for combine in (strongest, weakest):
            assert len({combine(list(order)) for order in permutations(words)}) == 1
            assert combine([*words, *words]) is combine(list(words))


def test_a_refutation_and_a_proof_are_an_error_whoever_else_spoke() -> None:
    """No third answer hides that two engines contradict each other."""
    for proof in (PROVED, EXHAUSTED, BOUNDED):
        for third in Verdict:
            assert strongest([REFUTED, proof, third]) is ERROR


def test_what_is_not_judged_is_no_pass() -> None:
    """Beside any word that is no error, and no other open one, it is what stands."""
    for word in OF_MODULES:
        for other in set(ORDER) - {ERROR, UNKNOWN}:
            assert strongest([word, other]) is weakest([word, other]) is word


def test_within_a_bound() -> None:
    """A bound speaks for every value, and is less than equality."""
    assert WITHIN.affirms
    assert WITHIN.settles
    assert weakest([WITHIN, BOUNDED]) is strongest([WITHIN, TESTED]) is WITHIN
    assert strongest([WITHIN, REFUTED]) is ERROR


def test_what_affirms_and_what_settles() -> None:
    """Six words speak for a claim, three of them about every value."""
    assert [word for word in ORDER if word.affirms] == [
        PROVED,
        EXHAUSTED,
        BOUNDED,
        MEASURED,
        TESTED,
        PARTIAL,
    ]
    assert [word for word in ORDER if word.settles] == [PROVED, EXHAUSTED, BOUNDED]
    assert {*ORDER, *OF_MODULES, WITHIN} == set(Verdict)
    assert str(BOUNDED) == "PROVED_BOUNDED"
