"""Solvers in a process of their own, which ends when its time is over."""

from __future__ import annotations

import os
import time

from verify.engines.bounded import solved_apart
from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine


class Told(SmtEngine):
    """An engine that does what it is told."""

    name = "told"
    distribution = "told"
    module = "told"
    method = "none"

    def solve(self, text: str, settings: Settings) -> Answer:
        """Do what the text says."""
        if text == "sleep":
            time.sleep(60)
        elif text == "end":
            os._exit(3)
        elif text == "raise":
            raise RuntimeError("it broke")
        return Answer("sat", {"x": text})


def test_an_answer_comes_back() -> None:
    """With its model."""
    assert solved_apart(Told(), "7", Settings(timeout=20)) == Answer("sat", {"x": "7"})


def test_one_that_does_not_look_at_its_limit_is_ended() -> None:
    """It counts as having given up, long before it would have."""
    started = time.monotonic()
    answer = solved_apart(Told(), "sleep", Settings(timeout=0.1))
    assert (answer.word, answer.reason) == ("unknown", "TIMEOUT, and it had to be ended")
    assert time.monotonic() - started < 30


def test_one_that_ends_or_raises_says_nothing() -> None:
    """Neither reaches whoever asked."""
    ended = solved_apart(Told(), "end", Settings(timeout=20))
    assert ended == Answer("unknown", reason="it ended its process")
    raised = solved_apart(Told(), "raise", Settings(timeout=20))
    assert raised == Answer("unknown", reason="it broke")
