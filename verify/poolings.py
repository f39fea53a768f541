"""Poolings by the names they go by, and which of them a sentence speaks of.

No pooling is listed here. The names of operators and of modules are words, *adaptive avg* or *power
average*, and a module says which operator it is: a pooling that is new has its names with its
operator or its module. Apart from the command that prints pages, which lays them out.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

#: Words that mean what operators call otherwise.
_SAME = {"average": "avg", "mean": "avg", "maximum": "max", "minimum": "min", "lse": "logsumexp"}

#: What a name such as *adaptive pooling* leaves open.
_KINDS = ("avg", "max")

#: What is given to an operator, or to a module, that needs it.
_EXAMPLE = {"kernel_size": 2, "output_size": 7, "norm_type": 2}

Words = tuple[str, ...]


@dataclass(frozen=True)
class Pooling:
    """An operator, and the module that it was asked for by if that has a name of its own."""

    operator: str
    module: type[Any] | None = None

    @property
    def family(self) -> str:
        """The operator without its dimensions: ``max_pool`` for ``max_pool2d_backward``."""
        return _family(self.operator)

    @property
    def modules(self) -> list[str]:
        """The modules that apply the operator, torch's before this project's."""
        return [
            f"{place}.{kind.__name__}"
            for place, kind in _modules()
            if _applied(kind) == self.operator
        ]

    @property
    def example(self) -> dict[str, Any]:
        """The arguments that the operator needs, as few as there can be."""
        from verify.display.cost.layer import signature

        given = dict(_EXAMPLE)
        if self.module is not None:
            taken = inspect.signature(self.module).parameters
            layer = self.module(**{name: given[name] for name in given if name in taken})
            _, own = layer.as_operator()
            given.update((name, own[name]) for name in given if name in own)
        return {name: given[name] for name in signature(self.operator) if name in given}


def named(name: str) -> list[Pooling]:
    """Return the poolings that ``name`` is or speaks of, in two dimensions unless it says so.

    Spaces, dashes and underscores are one; *pool*, *pooling* and the dimensions may be left out. A
    name that leaves the kind open, as *global pooling* does, speaks of several.

    >>> [pooling.operator for pooling in named("lp_pool1d") + named("LSE pooling")]
    ['lp_pool1d', 'logsumexp_pool2d']
    >>> [pooling.operator for pooling in named("adaptive-pooling")]
    ['adaptive_avg_pool2d', 'adaptive_max_pool2d']
    >>> named("pooling"), named("sum-pooling")
    ([], [])
    """
    if name in _operators():
        return [Pooling(name)]
    spelled, dimensions = _letters(name)
    known = {"".join(words): words for words in _names()}
    sought = [spelled] if spelled in known else [f"{spelled}{kind}" for kind in _KINDS]
    found = [_pooling(known[one], dimensions) for one in sought if spelled and one in known]
    return [pooling for pooling in found if pooling.operator in _operators()]


def _letters(name: str) -> tuple[str, str]:
    """Return the letters of a pooling's name in the operators' words, and its dimensions."""
    *_, bare = name.lower().split(".")
    words, _, dimensions = re.split(r"[-_ ]*(pool(?:ing)?)?[-_ ]*(?:([123])d)?\Z", bare)[:3]
    spelled = "".join(_words(words))
    for word, same in _SAME.items():
        spelled = spelled.replace(word, same)
    return spelled, dimensions or "2"


def names() -> list[str]:
    """Return how poolings are called, as a suggestion spells them.

    >>> [name for name in names() if "power" in name]
    ['power-average-pooling', 'power-pooling']
    """
    spelled = ("-".join(words).replace("avg", "average") for words in (*_names(), *_open_names()))
    return [f"{name}-pooling" for name in spelled]


def spoken_of(subject: str, sentences: str) -> set[str]:
    """Return the families of operators that a claim is about.

    They are those whose names stand in its ``subject``, the claim's id, and those named before the
    word *pooling* in its ``sentences``. Elsewhere *maximum* and *average* are no poolings.

    >>> sorted(spoken_of("power-average-decreases", "It decreases to the maximum."))
    ['lp_pool']
    >>> sorted(spoken_of("a-claim", "Softmax and log-sum-exp pooling are not max-pooling."))
    ['logsumexp_pool', 'max_pool', 'softmax_pool']
    """
    known = {" ".join(words): {family} for words, family in _names().items()}
    full = "|".join(known)
    known |= {" ".join(words): families for words, families in _open_names().items()}
    any_name = "|".join(known)
    # A match takes the whole name: what is said of fractional max-pooling is not of max-pooling.
    found = re.findall(rf"\b({full})\b", _plain(subject))
    found += re.findall(rf"\b({any_name})(?= pool|(?: (?:and|or) (?:{any_name}))+ pool)",
                        _plain(sentences))  # fmt: skip
    return {family for name in found for family in known[name]}


def _plain(text: str) -> str:
    return " ".join(_SAME.get(word, word) for word in _words(text))


def _words(text: str) -> Words:
    return tuple(re.findall(r"[^\W_]+", text.lower()))


def _operators() -> tuple[str, ...]:
    import costmodel

    return costmodel.operators()


def _family(operator: str) -> str:
    return re.sub(r"\dd(_backward)?$", "", operator)


@cache
def _modules() -> tuple[tuple[str, type[Any]], ...]:
    """Return every pooling module, torch's first, each after the place that it is imported from."""
    from torch.nn import Module
    from torch.nn.modules import pooling as of_torch

    import pooling

    def of(place: str, module: ModuleType) -> Iterator[tuple[str, type[Any]]]:
        for name in module.__all__:
            kind = getattr(module, name)
            if re.search(r"Pool\dd$", name) and issubclass(kind, Module):
                yield place, kind

    return (*of("torch.nn", of_torch), *of("pooling", pooling))


def _applied(kind: type[Any]) -> str:
    """Return the operator that a module says it applies, else the one that it is called after."""
    family = getattr(kind, "operator", "_".join((*_called(kind), "pool")))
    return f"{family}{kind.__name__[-2:]}"


def _called(kind: type[Any]) -> Words:
    """Return the words of a module's name: ``("adaptive", "avg")`` of ``AdaptiveAvgPool2d``."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", kind.__name__)
    return tuple(_SAME.get(word, word) for word in map(str.lower, words[:-1]))


@cache
def _names() -> dict[Words, str]:
    """Return the names of poolings, without *pool*, and the families of their operators."""
    found = {_words(family)[:-1]: family for family in map(_family, _operators())}
    for _, kind in _modules():
        if _applied(kind) in _operators():
            found.setdefault(_called(kind), _family(_applied(kind)))
    return found


@cache
def _open_names() -> dict[Words, set[str]]:
    """Return the names that leave the kind open, and the families that they may mean."""
    found: dict[Words, set[str]] = {}
    for words, family in _names().items():
        if len(words) > 1 and words[-1] in _KINDS:
            found.setdefault(words[:-1], set()).add(family)
    return found


def _pooling(words: Words, dimensions: str) -> Pooling:
    """Return the pooling of that name; its module, if the operator has another name."""
    family = _names()[words]
    operator = f"{family}{dimensions}d"
    if "".join(words) == "".join(_words(family)[:-1]):
        return Pooling(operator)
    modules = (kind for _, kind in _modules() if _called(kind) == words)
    return Pooling(operator, next((kind for kind in modules if _applied(kind) == operator), None))
