"""``verify show`` as its users meet it: a claim, what is said in its place, a pooling."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import costmodel
from proofs import claims
from proofs.claim import Mutant, Theorem
from proofs.sayings import AS_SAID
from proofs.terms import variable
from verify import cli


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_what_is_said_is_refuted_below_the_claim(capsys: Any) -> None:
    """The saying, who refuted it, and the smallest values at which it is false."""
    assert cli.main(["show", "outliers-move-the-maximum", "-j", "1"]) == 0
    out = capsys.readouterr().out
    assert "real: PROVED" in out
    assert "as it is said: an outlier moves the mean no less than the maximum" in out
    assert re.search(
        r"  REFUTED in real by .*z3\n  .*\n  is false at k = 2, L = 0, x = 0, M = 1", out
    )


def test_a_part_of_the_page_leaves_it_out(capsys: Any) -> None:
    """With a number system or an engine only what was asked for is shown."""
    assert cli.main(["show", "outliers-move-the-maximum", "--domain", "real", "-j", "1"]) == 0
    assert AS_SAID not in capsys.readouterr().out


def test_a_saying_that_is_true_is_no_success(capsys: Any, monkeypatch: Any) -> None:
    """Exit 1 if what is shown as false cannot be refuted."""
    known = claims()
    x = variable("x")
    true = Mutant(f"{AS_SAID}x is x", Theorem(x == x))
    other = replace(known["no-parameters"], mutants=(true, true), expected={
        "float32": known["no-parameters"].expected["float32"]})  # fmt: skip
    patched = {"no-parameters": other}
    monkeypatch.setattr("proofs.claims", lambda: patched)
    monkeypatch.setattr("verify.runner.registered", lambda: patched)
    assert cli.main(["show", "no-parameters", "-j", "1"]) == 1
    assert "not refuted in float32" in capsys.readouterr().out


def test_a_pooling_is_looked_up_by_its_operator(capsys: Any) -> None:
    """Definition, cost, modules, an example and the claims that speak of it."""
    assert cli.main(["show", "softmax_pool2d"]) == 0
    out = capsys.readouterr().out
    assert "Return the mean of the taps of every window, weighted by their softmax." in out
    assert "A window of t taps takes t − 1 comparisons" in out
    assert "  pooling.SoftmaxPool2d\n" in out
    assert "  python -m verify cost softmax_pool2d --input 1x64x112x112 --kernel-size 2\n" in out
    assert "  22·C·⌊H/2⌋·⌊W/2⌋ operations\n" in out
    assert "softmax-gradients" in out
    assert "max-pool-is-fold" not in out


@pytest.mark.parametrize(
    "operator",
    [
        pytest.param(name, marks=() if name.endswith("2d") else pytest.mark.slow)
        for name in costmodel.operators()
    ],
)
def test_every_operator_has_a_page(operator: str, capsys: Any) -> None:
    """Each says what it costs; those of torch and the rebuilt ones name their modules."""
    assert cli.main(["show", operator]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{operator}\nReturn ")
    assert re.search(
        rf"  python -m verify cost {operator} --input \S+ --.+\n  \S.* operations\n", out
    )
    assert not re.search(r"`|>>>|Args:|Returns:|Raises:|Source:", out)
    if not operator.endswith("_backward"):
        named = operator.replace("_", "")
        assert re.search(rf"  (torch\.nn|pooling)\.{named}\n", out, re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("max-pooling", "max_pool2d"),
        ("average-pooling", "avg_pool2d"),
        ("min pooling", "min_pool2d"),
        ("global-average-pooling", "adaptive_avg_pool2d"),
        ("adaptive-max-pooling", "adaptive_max_pool2d"),
        ("power-average-pooling", "lp_pool2d"),
        ("LP-pooling", "lp_pool2d"),
        ("softmax-pooling", "softmax_pool2d"),
        ("log-sum-exp-pooling", "logsumexp_pool2d"),
        ("stochastic-pooling", "stochastic_pool2d"),
        ("mixed-pooling", "mixed_pool2d"),
        ("fractional-max-pooling", "fractional_max_pool2d"),
    ],
)
def test_a_pooling_is_looked_up_by_its_name(name: str, operator: str, capsys: Any) -> None:
    """Every pooling that the chapter and its notes speak of, as they call it."""
    assert cli.main(["show", name]) == 0
    assert capsys.readouterr().out.startswith(f"{operator}\n")


def test_an_exercise_is_looked_up_by_its_number(capsys: Any) -> None:
    """The same page as `answers` prints."""
    assert cli.main(["show", "exercise-2", "-j", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2  Prove that no convolution alone is a max-pooling.\n")
    assert "no-linear-kernel-is-max: PROVED in real, PROVED in integer" in out


def test_number_systems_and_engines_are_for_claims(capsys: Any) -> None:
    """A pooling or an exercise has a page of its own, in no number system."""
    for option, value in (("--domain", "real"), ("--engine", "z3")):
        assert cli.main(["show", "max-pooling", option, value]) == 4
        assert capsys.readouterr().err == (
            f"python -m verify show: {option} is for a claim, and none is called 'max-pooling'\n"
        )


def test_an_unknown_name_gets_the_nearest_one(capsys: Any) -> None:
    """Claims and operators are both looked through."""
    for name, near in (("max-is-rel", "max-is-relu"), ("max_pol2d", "max_pool2d")):
        assert cli.main(["show", name]) == 4
        error = capsys.readouterr().err
        assert error.startswith(
            f"python -m verify show: no claim is called '{name}'; did you mean "
        )
        assert near in error
