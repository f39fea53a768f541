"""The bar on standard error: there on a terminal, silent in a pipe."""

from __future__ import annotations

import io
import sys

import pytest

from verify.display.progress import progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(("counted", "shown"), [(True, "3/4"), (False, "75 %")])
def test_a_terminal_shows_how_much_is_done(
    counted: bool, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is being worked on, and how much of it all is done, in number or as a share."""
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with progress(4, counted=counted) as advance:
        advance("max-is-relu · int8", 3)
    assert shown in stream.getvalue()
    assert "max-is-relu · int8" in stream.getvalue()


@pytest.mark.parametrize(("stream", "total"), [(io.StringIO(), 4), (Terminal(), 1)])
def test_pipes_and_single_things_show_nothing(
    stream: io.StringIO, total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log file holds no bar, and one thing alone needs none."""
    monkeypatch.setattr(sys, "stderr", stream)
    with progress(total) as advance:
        advance("max-is-relu · int8", 1)
    assert stream.getvalue() == ""
