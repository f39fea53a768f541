"""Work in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from verify.judge import apart as module
from verify.judge.apart import EndedError, OutOfTimeError, apart

Said = Callable[[str], None]


def test_results_and_errors_come_back() -> None:
    """As if it had been done here; progress is heard."""
    heard: list[str] = []

    def work(loaded: Callable[[], None], progress: Said) -> Any:
        loaded()
        progress("half")
        return os.getpid()

    assert apart(work, 10, heard.append) != os.getpid()
    assert heard == ["half"]

    def fails(loaded: Callable[[], None], progress: Said) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        apart(fails, 10)


@pytest.mark.parametrize(
    ("leave", "how"),
    [
        (lambda: os._exit(7), r"it ended the process \(exit code 7\): nearly"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), r"it ended the process \(signal SIGSEGV\)"),
    ],
)
def test_what_leaves_is_said(leave: Callable[[], None], how: str) -> None:
    """An exit and a crash end the child alone."""

    def work(loaded: Callable[[], None], progress: Said) -> Any:
        loaded()
        progress("nearly")
        leave()

    with pytest.raises(EndedError, match=how):
        apart(work, 10)


def test_what_is_no_exception_of_anybodys_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    """Such as a KeyboardInterrupt of the module's own; nothing is printed."""

    def work(loaded: Callable[[], None], progress: Said) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(EndedError, match="it ends what runs it by a KeyboardInterrupt"):
        apart(work, 10)
    assert capfd.readouterr().err == ""


def test_time_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from when all is loaded, with what was found; loading has one of its own."""
    monkeypatch.setattr(module, "GRACE", 0.1)
    monkeypatch.setattr(module, "LOADING", 0.1)

    def work(loaded: Callable[[], None], progress: Said) -> Any:
        loaded()
        progress("a part")
        time.sleep(60)

    with pytest.raises(OutOfTimeError, match=r"out of time after 0.3 s: a part"):
        apart(work, 0.3)
    with pytest.raises(OutOfTimeError, match=r"loading it takes more than 0.3 s"):
        apart(lambda loaded, progress: time.sleep(60), 0.3)
