"""Functions written anew: the same results, and only of the source that runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
import torch

from verify.judge.watching.conversion import UnconvertibleError, converted, shown
from verify.judge.watching.merging import Merging


def early(a: int, b: int = 3, *rest: int, scale: int = 2) -> int:
    """Return early."""
    if a > 10:
        return a
    if a > b:
        b += 1
        return b * scale
    total = 0
    for r in rest:
        if (r > 0 and r % 2 == 0) or r == -7:
            total += r
        elif 0 < r < 4:
            total -= 1
    return total if total else max(a, b, *rest)


def closing(k: int) -> Callable[[int], int]:
    """Return a function with a variable from here."""

    def inner(x: int) -> int:
        y = [0, 0]
        if x > k:
            y[0] = x
        else:
            y[1] = -x
        return y[0] + y[1]

    return inner


@pytest.mark.parametrize("args", [(11,), (5, 3), (1, 2, 4, 3, -7), (1, 2), (0, 0, 8, 1)])
def test_known_values_go_as_before(args: tuple[int, ...]) -> None:
    """Without a tensor that depends on an input every arm is taken as Python takes it."""
    anew = converted(early, Merging())
    assert anew(*args) == early(*args)
    assert anew(*args, scale=5) == early(*args, scale=5)


def test_variables_from_outside_and_lambdas() -> None:
    """A closure keeps its cells; a lambda alone on its line is converted too."""
    inner = closing(4)
    assert isinstance(inner, FunctionType)
    anew = converted(inner, Merging())
    assert [anew(x) for x in (2, 9)] == [inner(x) for x in (2, 9)] == [-2, 9]
    single = lambda x: x if x > 2 else -x  # noqa: E731
    assert converted(single, Merging())(1) == -1
    assert "choose" in shown(single)


def awaited() -> Any:
    """Yield."""
    yield 1


def trying(x: int) -> int:
    """Try."""
    try:
        return x
    finally:
        x = 1


@torch.no_grad()
def decorated(x: int) -> int:
    """Be wrapped."""
    return x


@pytest.mark.parametrize("function", [awaited, trying])
def test_what_has_no_such_form(function: Any) -> None:
    """Generators, handlers of failures."""
    with pytest.raises(UnconvertibleError):
        converted(function, Merging())


def test_only_the_source_that_runs(tmp_path: Path) -> None:
    """A file that has changed since, or was never there, is no source."""
    file = tmp_path / "changing.py"
    file.write_text("def f(x):\n    return 1 if x > 0 else 2\n")
    scope: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    assert converted(scope["f"], Merging())(5) == 1
    file.write_text("def f(x):\n    return 1 if x > 0 else 3\n")
    exec(compile("def f(x):\n    return 1 if x > 1 else 2\n", str(file), "exec"), scope)
    with pytest.raises(UnconvertibleError, match="not what runs"):
        converted(scope["f"], Merging())
    exec("def g(x):\n    return x", scope)
    with pytest.raises(UnconvertibleError, match="no source"):
        converted(scope["g"], Merging())
