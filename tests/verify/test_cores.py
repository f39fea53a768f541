"""How many work at a time."""

from __future__ import annotations

import os

import pytest
import torch

from verify.cores import available_cores, single_thread, threads


def test_no_more_than_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that lends three of many cores gets three workers."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 4, 7}, raising=False)
    assert available_cores() == 3


def test_where_there_is_no_affinity_every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """MacOS has no ``sched_getaffinity``, and where the count is unknown there is one core."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert available_cores() == 12
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cores() == 1


def test_threads_are_given_back_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where what runs raises."""
    asked: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    with pytest.raises(RuntimeError, match="broke"), single_thread():
        assert asked == [1]
        raise RuntimeError("it broke")
    assert asked == [1, 3]
    with threads(5):
        assert asked == [1, 3, 5]
    assert asked == [1, 3, 5, 3]
