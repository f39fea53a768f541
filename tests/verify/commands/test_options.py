"""What options take, and what they say of anything else."""

from __future__ import annotations

import argparse

import pytest

from verify.commands.options import UsageError, one_of, positive_float, positive_int, whole_number


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (whole_number, "-1", "must be a whole number from 0 on, got '-1'"),
        (whole_number, "1.5", "must be a whole number from 0 on, got '1.5'"),
        (positive_int, "0", "must be a whole number from 1 on, got '0'"),
        (positive_int, "x", "must be a whole number from 1 on, got 'x'"),
        (positive_float, "0", "must be a positive number of seconds, got '0'"),
        (positive_float, "inf", "must be a positive number of seconds, got 'inf'"),
    ],
)
def test_numbers_out_of_range(kind: type[int], text: str, message: str) -> None:
    """The message has the limit and what was given."""
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        kind(text)
    assert str(refused.value) == message


def test_numbers_in_range() -> None:
    """The least that is allowed, and more."""
    assert [whole_number("0"), whole_number("7")] == [0, 7]
    assert [positive_int("1"), positive_int("7")] == [1, 7]
    assert positive_float("0.5") == 0.5


def test_a_choice_keeps_the_order_of_what_there_is() -> None:
    """Whatever the order in which it was asked for; nothing asked for is everything."""
    known = dict.fromkeys(["z3", "cvc5", "sympy"])
    assert one_of("--engine", ["sympy", "z3"], known) == ["z3", "sympy"]
    assert one_of("--engine", None, known) == ["z3", "cvc5", "sympy"]
    with pytest.raises(UsageError) as refused:
        one_of("--engine", ["simpy"], known)
    assert str(refused.value) == (
        "--engine 'simpy' is not one of z3, cvc5, sympy; did you mean sympy?"
    )
