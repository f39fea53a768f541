"""``verify answers`` as its users meet it: all exercises, one in detail, data, mistakes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from proofs import claims
from proofs.answers import EXERCISES, SAYINGS
from proofs.verdict import Verdict
from tests.verify.commands.command_line import answered
from verify.run.report import CellReport, RunReport
from verify.run.runner import Task

answer = partial(answered, "answers")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_all_exercises_fit_a_page(capsys: Any) -> None:
    """Seven questions, each with claims, verdicts, a module and its operations."""
    code, out, err = answer([], capsys)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= 62
    assert max(map(len, lines)) <= 80
    assert [line[0] for line in lines if re.match(r"\d  ", line)] == [*"1234567"]
    words = " ".join(out.split())
    for exercise in EXERCISES:
        assert " ".join(exercise.answer.split()) in words
        assert f"{exercise.module}: " in words
        assert all(name in words for name in exercise.claims)
    assert all(name in words for name in SAYINGS.values())
    assert "1,584,192 operations" in words
    assert "Verdicts as expected; --check checks them." in words


def test_verdicts_are_the_expected_ones(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a check the words are those of the claims, whatever these are."""
    known = claims()
    other = replace(known["quarter-iff-even"], expected={"integer": Verdict.UNKNOWN})
    patched = {**known, "quarter-iff-even": other}
    monkeypatch.setattr("verify.display.answers.claims", lambda: patched)
    assert re.search(r"leaves a quarter.* UNKNOWN quarter-iff-even", answer([], capsys)[1])


def test_one_exercise_is_checked_and_refutes_wrong_answers(capsys: Any) -> None:
    """The claims are judged now, and each wrong answer fails at values that are shown."""
    code, out, _ = answer(["6", "-j", "1"], capsys)
    assert code == 0
    words = " ".join(out.split())
    assert "min-pool-is-negated-max-pool: PROVED in real, PROVED in integer" in words
    assert "✗ It is that in every dtype. min-pool-is-negated-max-pool in int8: " in words
    assert re.search(r"is false at .*first = -128", words)
    assert "python -m verify cost min_pool2d --input 1x64x112x112 --kernel-size 2" in words
    assert "2 of 2 mutants refuted" in words
    assert "not refuted" not in words


def test_what_an_answer_assumes_is_shown(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fifth names the lemma that is cited, and for how many taps the comparison is proved."""
    monkeypatch.setattr("verify.run.runner.run", lambda *_, **__: RunReport())
    words = " ".join(answer(["5"], capsys)[1].split())
    assert "less of Gaussian noise, as is proved for two and three equal taps" in words
    assert "given that uncorrelated jointly normal variables are independent (cited)" in words


def test_each_claim_has_its_own_verdicts(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown of a claim is what was found of it; what was not found is not refuted."""

    def found(todo: list[Task], *_: object, **__: object) -> RunReport:
        verdicts = [claims()[task.claim].expected[task.system] for task in todo if task.system]
        named = [task for task in todo if task.system]
        return RunReport(cells=[
            CellReport(task.claim, task.system, verdict, verdict, (), 0.0)
            for task, verdict in zip(named, verdicts, strict=True)
        ])  # fmt: skip

    monkeypatch.setattr("verify.run.runner.run", found)
    code, out, _ = answer(["1"], capsys)
    assert code == 0
    assert "average-is-convolution: PROVED_BOUNDED in real\n" in out
    assert "no-convolution-averages-what-is-there: PROVED in real, PROVED in integer\n" in out
    assert "channel-wise: PROVED_BOUNDED in real\n" in out
    assert out.count("not refuted") == 2


def test_a_verdict_that_is_not_the_expected_one_fails(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, and the failure is shown with the command that runs it again."""
    known = claims()
    wrong = replace(known["every-pooling-loses-taps"], expected={"real": Verdict.REFUTED})
    patched = {**known, wrong.id: wrong}
    monkeypatch.setattr("verify.run.answers.claims", lambda: patched)
    monkeypatch.setattr("verify.run.runner.registered", lambda: patched)
    code, out, _ = answer(["6", "-j", "1"], capsys)
    assert code == 1
    assert "every-pooling-loses-taps in real: PROVED, expected REFUTED" in out
    assert "again: python -m verify all -k every-pooling-loses-taps --system real" in out


def test_the_data_says_what_the_page_does(capsys: Any) -> None:
    """JSON alone on standard output: expected verdicts, nothing refuted yet, the operations."""
    code, out, err = answer(["--json", "-"], capsys)
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert (data["schema"], data["exit_code"], data["checked"]) == (1, 0, False)
    assert [one["number"] for one in data["exercises"]] == [1, 2, 3, 4, 5, 6, 7]
    fourth = data["exercises"][3]
    assert fourth["cost"]["operations"] == 1584192
    assert fourth["evidence"][0]["claim"] == "output-size"
    assert fourth["evidence"][0]["verdicts"] == {"integer": "PROVED"}
    assert {wrong["refuted"] for wrong in fourth["wrong"]} == {None}


def test_the_data_of_one_exercise_has_counterexamples(capsys: Any, tmp_path: Any) -> None:
    """With a number the data are those of a check, written to a file beside the page."""
    path = tmp_path / "answer.json"
    code, out, _ = answer(["7", "-j", "1", "--json", str(path)], capsys)
    assert code == 0 and "7  A softmax" in out
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["checked"] is True
    (seventh,) = data["exercises"]
    assert seventh["evidence"][0]["verdicts"] == {"real": "PROVED"}
    assert all(wrong["refuted"] for wrong in seventh["wrong"])
    assert seventh["wrong"][0]["counterexample"] == {"first": "1", "gradients": "()"}


@pytest.mark.slow
def test_all_answers_are_checked(capsys: Any) -> None:
    """Every claim behind an answer is judged, and every wrong answer refuted."""
    code, out, _ = answer(["--check"], capsys)
    assert code == 0
    assert "Verdicts checked now." in " ".join(out.split())
    assert "0 not as expected, 0 undecided, 0 broken" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["8"], "python -m verify answers: there is no exercise 8; there are 1 to 7\n"),
        (["0"], "python -m verify answers: there is no exercise 0; there are 1 to 7\n"),
        (["two"], "argument N: must be a whole number from 0 on, got 'two'"),
        (["--json", "/no/such/folder/x"], "cannot write /no/such/folder/x: there is no folder"),
    ],
)
def test_mistakes_are_one_line_and_exit_4(arguments: list[str], message: str, capsys: Any) -> None:
    """A number that is none of the chapter's, and a file that cannot be written."""
    code, out, err = answer(arguments, capsys)
    assert (code, out) == (4, "")
    assert message in err
