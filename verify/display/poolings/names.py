"""Poolings by the names they go by, and which of them a sentence speaks of.

No pooling is listed here: its names stand in its entry, :mod:`pooling.kinds`, and are read here as
people write them.
"""

import re
from dataclasses import dataclass
from functools import cache
from inspect import Parameter
from typing import Any

from costmodel.registry import entry_of, operators, parameters
from pooling.kind import Kind, kinds

#: Words that mean what operators call otherwise.
_SAME = {"average": "avg", "mean": "avg", "maximum": "max", "minimum": "min"}

#: What a name such as *adaptive pooling* leaves open.
_OPEN = ("avg", "max")

#: What is given to an operator that needs it.
_EXAMPLE = {"kernel_size": 2, "output_size": 7}

Words = tuple[str, ...]


@dataclass(frozen=True)
class NamedOperator:
    """An operator, and the layer that it was asked for by if that has a name of its own."""

    operator: str
    layer: str = ""

    @property
    def kind(self) -> Kind[Any] | None:
        """The kind of pooling it is; ``None`` of what was registered by hand."""
        return entry_of(self.operator).kind

    @property
    def family(self) -> str:
        """The operator without its dimensions: ``max_pool`` for ``max_pool2d_backward``."""
        return self.kind.family if self.kind else self.operator

    @property
    def layers(self) -> list[str]:
        """The layers that apply the operator, torch's before this project's."""
        if self.kind is None or self.operator not in self.kind.operators:
            return []
        size = self.operator[-2:]
        of_torch = [f"torch.nn.{self.kind.torch_layer}{size}"] if self.kind.torch_layer else []
        return [*of_torch, *(f"pooling.{name}{size}" for name in self.kind.layers)]

    @property
    def example(self) -> dict[str, Any]:
        """The arguments that the operator needs, as few as there can be."""
        taken = parameters(self.operator)
        given = {n: value for n, value in _EXAMPLE.items() if _needed(taken.get(n))}
        if self.kind is not None:
            given |= {**self.kind.example, **self.kind.fixed.get(self.layer, {})}
        return {name: given[name] for name in taken if name in given}


def _needed(parameter: Parameter | None) -> bool:
    return parameter is not None and parameter.default is parameter.empty


def named(name: str) -> list[NamedOperator]:
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
    if name in operators():
        return [NamedOperator(name)]
    spelled, dimensions = _letters(name)
    known = {"".join(words): found for words, found in {**_also(), **_names()}.items()}
    sought = [spelled] if spelled in known else [f"{spelled}{kind}" for kind in _OPEN]
    found = [known[one] for one in sought if spelled and one in known]
    return [
        NamedOperator(f"{kind.family}{dimensions}", layer)
        for kind, layer in found
        if f"{kind.family}{dimensions}" in kind.operators
    ]


def names() -> list[str]:
    """Return how poolings are called, as a suggestion spells them.

    >>> [name for name in names() if "power" in name]
    ['power-average-pooling', 'power-pooling']
    """
    words = dict.fromkeys((*_names(), *_also(), *_open_names()))
    spelled = ("-".join("average" if word == "avg" else word for word in one) for one in words)
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
    full = {" ".join(words): {kind.family} for words, (kind, _) in _names().items()}
    also = {" ".join(words): {kind.family} for words, (kind, _) in _also().items()}
    known = {**{" ".join(words): families for words, families in _open_names().items()}, **also}
    known |= full
    any_name = "|".join(sorted(known, key=len, reverse=True))
    # A match takes the whole name: what is said of fractional max-pooling is not of max-pooling.
    found = re.findall(rf"\b({'|'.join(sorted(full, key=len, reverse=True))})\b", _plain(subject))
    found += re.findall(rf"\b({any_name})(?= pool|(?: (?:and|or) (?:{any_name}))+ pool)",
                        _plain(sentences))  # fmt: skip
    return {family for name in found for family in known[name]}


def _letters(name: str) -> tuple[str, str]:
    """Return the letters of a pooling's name in the operators' words, and its dimensions."""
    *_, bare = name.lower().split(".")
    words, _, dimensions = re.split(r"[-_ ]*(pool(?:ing)?)?[-_ ]*(?:([123])d)?\Z", bare)[:3]
    spelled = "".join(_words(words))
    for word, same in _SAME.items():
        spelled = spelled.replace(word, same)
    return spelled, f"{dimensions or 2}d"


def _plain(text: str) -> str:
    return " ".join(_words(text))


def _words(text: str) -> Words:
    # What unpools is a pooling, too.
    words = re.findall(r"[^\W_]+", text.lower().replace("unpool", "un pool"))
    return tuple(_SAME.get(word, word) for word in words)


def _called(layer: str) -> Words:
    """Return the words of a layer's name: ``("adaptive", "avg")`` of ``AdaptiveAvgPool``."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", layer.replace("Unpool", "UnPool"))
    return _words(" ".join(parts[:-1]))


@cache
def _names() -> dict[Words, tuple[Kind[Any], str]]:
    """Return the names of operators and layers, without *pool*: the kind, and the layer's own."""
    found = {_words(kind.family)[:-1]: (kind, "") for kind in kinds()}
    for kind in kinds():
        for layer in filter(None, (kind.torch_layer, *kind.layers)):
            words = _called(layer)
            # LogSumExpPool is logsumexp_pool in other words; PowerAveragePool is another name.
            same = "".join(words) == "".join(_words(kind.family)[:-1])
            found.setdefault(words, (kind, "" if same else layer))
    return found


@cache
def _also() -> dict[Words, tuple[Kind[Any], str]]:
    """Return what else people call poolings."""
    return {_words(name): (kind, "") for kind in kinds() for name in kind.also}


@cache
def _open_names() -> dict[Words, set[str]]:
    """Return the names that leave the kind open, and the families that they may mean."""
    found: dict[Words, set[str]] = {}
    for words, (kind, _) in _names().items():
        if len(words) > 1 and words[-1] in _OPEN:
            found.setdefault(words[:-1], set()).add(kind.family)
    return found
