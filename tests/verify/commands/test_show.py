"""``verify show`` as its users meet it: a claim, what is said in its place, a pooling."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import costmodel
from proofs import claims
from proofs.claim import Theorem
from proofs.folklore import AS_SAID
from proofs.terms import variable
from verify import cli
from verify.engines.engine import Settings
from verify.run.report import RunReport


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
    assert cli.main(["show", "outliers-move-the-maximum", "--system", "real", "-j", "1"]) == 0
    assert AS_SAID not in capsys.readouterr().out


def test_a_saying_that_is_true_is_no_success(capsys: Any, monkeypatch: Any) -> None:
    """Exit 1 if what is shown as false cannot be refuted."""
    known = claims()
    true = {f"{AS_SAID}{x} is {x}": Theorem(x == x) for x in (variable("x"), variable("y"))}
    other = replace(known["no-parameters"], mutants=true, expected={
        "float32": known["no-parameters"].expected["float32"]})  # fmt: skip
    patched = {"no-parameters": other}
    monkeypatch.setattr("proofs.claims", lambda: patched)
    monkeypatch.setattr("verify.run.runner.registered", lambda: patched)
    assert cli.main(["show", "no-parameters", "-j", "1"]) == 1
    assert "not refuted in float32" in capsys.readouterr().out


def test_a_pooling_is_looked_up_by_its_operator(capsys: Any) -> None:
    """Definition, cost, modules, an example and the claims that speak of it."""
    assert cli.main(["show", "softmax_pool2d"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Softmax pooling: softmax_pool2d\nThe mean of the taps of every window, ")
    assert "Return" not in out
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
    assert re.match(rf"[A-Z][\w ,-]+: {operator}\n(The|A) ", out)
    assert "Return" not in out
    assert re.search(
        rf"  python -m verify cost {operator} --input \S+ --.+\n  \S.* operations\n", out
    )
    assert not re.search(r"`|>>>|Args:|Returns:|Raises:|Source:", out)
    if not operator.endswith("_backward"):
        named = operator.replace("_", "")
        assert re.search(rf"  (torch\.nn|pooling)\.{named}\n", out, re.IGNORECASE)


PAGE = re.compile(
    r"[\w -]+: \w+\n"  # the title or the layer, and the operator
    r"((.+\n)+\n)?(The|A) .+\n(.+\n)*\nThe cost of .+\n(.+\n)*\n"  # the definition, what is counted
    r"(  (torch\.nn|pooling)\.\w+\n)+"
    r"  python -m verify cost \w+ --input \S+ --.+\n"
    r"  \S.* operations\n\n"
    r"([a-z0-9-]+: [A-Z_]+ in .+\n( {4}.+\n)+)+"  # claims and how they stand
    r"\nVerdicts as expected, (.+\n)+"
)


@pytest.mark.parametrize(
    ("name", "module", "claim"),
    [
        ("max-pooling", "pooling.MaxPool2d", "max-pool-is-tree"),
        ("average-pooling", "pooling.AvgPool2d", "average-order-in-torch"),
        ("min pooling", "pooling.MinPool2d", "min-pool-is-negated-max-pool"),
        ("global-average-pooling", "pooling.GlobalAvgPool2d", "global-average-is-adaptive"),
        ("global_max_pool2d", "pooling.GlobalMaxPool2d", "adaptive-taps"),
        ("adaptive-avg-pooling", "pooling.AdaptiveAvgPool2d", "adaptive-taps"),
        ("adaptive-max-pooling", "torch.nn.AdaptiveMaxPool2d", "adaptive-is-ordinary-iff"),
        ("power-average", "pooling.PowerAveragePool2d", "power-average-decreases"),
        ("LP-pooling", "pooling.PowerAveragePool2d", "naive-poolings-leave-the-range"),
        ("softmax_pool", "pooling.SoftmaxPool2d", "naive-poolings-leave-the-range"),
        ("log-sum-exp-pooling", "pooling.LogSumExpPool2d", "logsumexp-pool-is-between"),
        ("lse", "pooling.LogSumExpPool2d", "softmax-pool-shifts-but-does-not-scale"),
        ("stochastic-pooling", "pooling.StochasticPool2d", "stochastic-weights-iff-one-sign"),
        ("mixed-pooling", "pooling.MixedPool2d", "mixed-pool-is-between"),
        ("fractional", "torch.nn.FractionalMaxPool2d", "fractional-windows-are-inside"),
        ("fractional-pooling", "torch.nn.FractionalMaxPool2d", "fractional-windows-are-inside"),
    ],
)
def test_a_pooling_has_a_full_page(name: str, module: str, claim: str, capsys: Any) -> None:
    """Whatever it is called: definition, cost, modules, an example, claims and their verdicts."""
    assert cli.main(["show", name]) == 0
    out = capsys.readouterr().out
    assert PAGE.fullmatch(out)
    assert f"\n  {module}\n" in out
    assert f"\n{claim}: " in out


def test_the_page_of_a_global_pooling_is_of_one_output(capsys: Any) -> None:
    """Its own module leads, and the example has output size 1; that of the adaptive one has not."""
    cli.main(["show", "global-average-pooling"])
    out = capsys.readouterr().out
    assert out.startswith("GlobalAvgPool2d: adaptive_avg_pool2d\nThe mean of each channel: ")
    assert "cost adaptive_avg_pool2d --input 1x64x112x112 --output-size 1\n" in out
    cli.main(["show", "adaptive-average-pooling"])
    out = capsys.readouterr().out
    assert out.startswith("Adaptive average pooling: adaptive_avg_pool2d\nThe mean ")
    assert "--output-size 7\n" in out


@pytest.mark.parametrize("kind", ["global", "adaptive"])
def test_a_name_of_two_poolings_has_two_pages(kind: str, capsys: Any) -> None:
    """Adaptive pooling is average or max, and so is global pooling: one page after the other."""
    for given, pages in ((f"{kind}-average", 1), (f"{kind}-max", 1), (kind, 2)):
        assert cli.main(["show", f"{given}-pooling"]) == 0
        out = capsys.readouterr().out
        assert out.count("  python -m verify cost ") == pages
        assert ("cost adaptive_avg_pool2d" in out) is (given != f"{kind}-max")
        assert ("cost adaptive_max_pool2d" in out) is (given != f"{kind}-average")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((f"exercise-{number}", number) for number in range(1, 8)),
        *((f"exercise-3.{part}", 3) for part in (1, 2, 3)),
        ("Exercise 3.1", 3),
    ],
)
def test_every_exercise_has_a_page(name: str, number: int, monkeypatch: Any) -> None:
    """All seven, and the parts of the third, are answered as `answers` answers them."""
    monkeypatch.setattr("verify.commands.answers.run", lambda options: options.exercise)
    assert cli.main(["show", name]) == number


def test_an_exercise_is_looked_up_by_its_number(capsys: Any) -> None:
    """The same page as `answers` prints."""
    assert cli.main(["show", "exercise-2", "-j", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2  Prove that no convolution alone is a max-pooling.\n")
    assert "no-linear-kernel-is-max: PROVED in real, PROVED in integer" in out


def test_number_systems_and_engines_are_for_claims(capsys: Any) -> None:
    """A pooling or an exercise has a page of its own, in no number system."""
    for option, value in (("--system", "real"), ("--engine", "z3")):
        assert cli.main(["show", "max-pooling", option, value]) == 4
        assert capsys.readouterr().err == (
            f"python -m verify show: {option} is for a claim, and none is called 'max-pooling'\n"
        )


def test_an_unknown_name_gets_the_nearest_one(capsys: Any) -> None:
    """Claims and operators are both looked through."""
    for name, near in (
        ("max-is-rel", "max-is-relu"),
        ("max_pol2d", "max_pool2d"),
        ("Fractinal-poling", "fractional-pooling"),
        ("global-avarage-pooling", "global-average-pooling"),
        ("exercise-9", "exercise-"),
        ("exercise-3.4", "exercise-3."),
        ("exercise-4.1", "exercise-"),
    ):
        assert cli.main(["show", name]) == 4
        error = capsys.readouterr().err
        wrong = f"python -m verify show: no claim and no pooling is called '{name}'; "
        assert error.startswith(f"{wrong}did you mean {near}")
        assert error.count("\n") == 1


def test_what_names_no_pooling_has_no_page(capsys: Any) -> None:
    """Neither the bare word, nor nothing, nor a pooling in dimensions that it is not there for."""
    for name in ("pooling", "", "sum-pooling", "fractional_max_pool1d"):
        assert cli.main(["show", name]) == 4
        assert capsys.readouterr().out == ""


def test_an_exercise_is_checked_as_the_options_say(monkeypatch: Any, capsys: Any) -> None:
    """Seed and time limit reach the engines, as they do for a claim."""
    told = []

    def run(todo: Any, settings: Any, **others: Any) -> Any:
        told.append((settings.seed, settings.timeout))
        return RunReport()

    monkeypatch.setattr("verify.run.runner.run", run)
    cli.main(["show", "exercise-2", "--seed", "7", "--timeout", "3"])
    cli.main(["answers", "2"])
    assert told == [(7, 3.0), (0, Settings().timeout)]
