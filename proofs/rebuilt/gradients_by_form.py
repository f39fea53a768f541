"""Eight ways to write a maximum of four taps, and what autograd gives to each tap.

Where one tap is the largest, all but log-sum-exp give it 1 and the others 0. Where taps tie, as
those behind a ReLU do all the time, at 0, they part. Torch's max-pooling and a stable sort give all
to the first, a fold and a tree by ReLU(t − m) + m as well; a sort in rising order to the last;
``amax`` and log-sum-exp share it; three ReLUs give nothing to anybody where all taps are 0. With
NaN in a window max-pooling gives all to the last NaN, ``amax`` gives NaN to everybody, a fold gives
1 to the last tap, whatever that is. Zeros of both signs tie.

The rules that say so are written here without torch: of the first, the last and the shares by
comparison, of folds, trees and three ReLUs by the chain rule, with a ReLU that lets a gradient
through unless its input is at most 0, as NaN is not. They are held against autograd at all windows
of four out of seven numbers, the infinities, both zeros and NaN among them. At integers nothing
rounds; in a fold of other numbers a merge may round, and a tie no longer ties: at some of 3,000
windows drawn with two equal taps the second of these gets what is the first's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, reduce
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect

if TYPE_CHECKING:
    import torch

TAPS = 4
#: Windows drawn at random, in which two taps are equal.
DRAWN = 3000
NUMBERS = (math.nan, -math.inf, -1.0, -0.0, 0.0, 1.0, math.inf)
Window = tuple[float, ...]
Gradient = tuple[float, ...]
Rule = Callable[[Window], Gradient]


# -- the rules, without torch --------------------------------------------------------------------


def _one(place: int) -> Gradient:
    return tuple(float(i == place) for i in range(TAPS))


def _largest(window: Window) -> list[int]:
    """Return the places of NaN, if there is one, else of the largest."""
    lost = [i for i, x in enumerate(window) if x != x]
    return lost or [i for i, x in enumerate(window) if x == max(window)]


def to_the_first(window: Window) -> Gradient:
    """Give all to the first of the largest, or to the first NaN."""
    return _one(_largest(window)[0])


def to_the_last(window: Window) -> Gradient:
    """Give all to the last of the largest, or to the last NaN."""
    return _one(_largest(window)[-1])


def to_the_first_or_the_last_nan(window: Window) -> Gradient:
    """Give all to the first of the largest, but to the last of several NaN."""
    return to_the_last(window) if any(x != x for x in window) else to_the_first(window)


def to_the_last_tap(window: Window) -> Gradient:
    """Give all to the last tap, whatever it is."""
    return _one(TAPS - 1)


def shared(window: Window) -> Gradient:
    """Share it between the largest; with NaN everybody gets NaN."""
    if any(x != x for x in window):
        return (math.nan,) * TAPS
    places = _largest(window)
    return tuple((i in places) / len(places) for i in range(TAPS))


def softmax(window: Window) -> Gradient:
    """Give to each exp(x − log Σ exp), which is NaN of an infinity less itself.

    >>> softmax((0.0, 0.0, 0.0, 0.0)), softmax((math.inf, 0.0, 0.0, 0.0))[:2]
    ((0.25, 0.25, 0.25, 0.25), (nan, 0.0))
    """
    top = max(window)
    if any(x != x for x in window) or top == -math.inf:
        return (math.nan,) * TAPS
    if top == math.inf:
        return tuple(math.nan if x == math.inf else 0.0 for x in window)
    powers = [math.exp(x - top) for x in window]
    return tuple(p / math.fsum(powers) for p in powers)


def nothing(window: Window) -> Gradient:
    """Give nothing to anybody."""
    return (0.0,) * TAPS


class _Carried(NamedTuple):
    """A number, and its derivatives by the four taps."""

    value: float
    gradient: Gradient

    def less(self, other: _Carried) -> _Carried:
        return _Carried(
            self.value - other.value,
            tuple(a - b for a, b in zip(self.gradient, other.gradient, strict=True)),
        )

    def plus(self, other: _Carried) -> _Carried:
        return self.less(other.turned)

    @property
    def turned(self) -> _Carried:
        return _Carried(-self.value, tuple(-g for g in self.gradient))

    @property
    def relu(self) -> _Carried:
        if self.value <= 0:
            return _Carried(0.0, (0.0,) * TAPS)
        return self  # NaN is not at most 0


def _merged(m: _Carried, t: _Carried) -> _Carried:
    return t.less(m).relu.plus(m)


def _by_three(m: _Carried, t: _Carried) -> _Carried:
    return t.less(m).relu.plus(m.relu).less(m.turned.relu)


def _carried(window: Window) -> list[_Carried]:
    return [_Carried(x, _one(i)) for i, x in enumerate(window)]


def by_fold(window: Window) -> Gradient:
    """Differentiate m ← ReLU(t − m) + m, tap after tap."""
    return reduce(_merged, _carried(window)).gradient


def by_tree(window: Window) -> Gradient:
    """Differentiate the same merge of neighbours, and of what is left."""
    a, b, c, d = _carried(window)
    return _merged(_merged(a, b), _merged(c, d)).gradient


def by_three_relus(window: Window) -> Gradient:
    """Differentiate m ← ReLU(t − m) + ReLU(m) − ReLU(−m), tap after tap.

    >>> by_three_relus((0.0, 0.0, 0.0, 0.0))
    (0.0, 0.0, 0.0, 0.0)
    """
    return reduce(_by_three, _carried(window)).gradient


# -- the forms, in torch -------------------------------------------------------------------------


def _fold(x: torch.Tensor, merge: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
          ) -> torch.Tensor:  # fmt: skip
    return reduce(merge, x.unbind(1))


def _native(x: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.max_pool1d(x[:, None], TAPS)[:, 0, 0]


def _merge(m: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return (t - m).relu() + m


def _tree(x: torch.Tensor) -> torch.Tensor:
    a, b, c, d = x.unbind(1)
    return _merge(_merge(a, b), _merge(c, d))


class Form(NamedTuple):
    """A way to write a maximum: in torch, of windows in rows; and the rule of its gradient."""

    written: str
    of: Callable[[torch.Tensor], torch.Tensor]
    rule: Rule


FORMS = {
    "native": Form("`max_pool2d(x, 2)`", _native, to_the_first_or_the_last_nan),
    "amax": Form("`x.amax(-1)`", lambda x: x.amax(1), shared),
    "sort": Form("`x.sort(-1).values[..., -1]`", lambda x: x.sort(1).values[:, -1], to_the_last),
    "stable sort": Form(
        "`x.sort(stable=True, descending=True).values[..., 0]`",
        lambda x: x.sort(dim=1, stable=True, descending=True).values[:, 0],
        to_the_first,
    ),
    "fold": Form("`m = relu(t − m) + m`", lambda x: _fold(x, _merge), by_fold),
    "tree": Form("the same, in pairs", _tree, by_tree),
    "three ReLUs": Form(
        "`m = relu(t − m) + relu(m) − relu(−m)`",
        lambda x: _fold(x, lambda m, t: (t - m).relu() + m.relu() - (-m).relu()),
        by_three_relus,
    ),
    "log-sum-exp": Form("`x.logsumexp(-1)`", lambda x: x.logsumexp(1), softmax),
}

WINDOWS: tuple[Window, ...] = tuple(product(NUMBERS, repeat=TAPS))


def gradients(name: str, windows: Sequence[Window] = WINDOWS) -> list[Gradient]:
    """Return what autograd gives to the taps of windows, by the form of that name."""
    import torch

    x = torch.tensor(windows, dtype=torch.float32, requires_grad=True)
    (found,) = torch.autograd.grad(FORMS[name].of(x).sum(), x)
    return [tuple(row) for row in found.tolist()]


def same(first: Gradient, second: Gradient) -> bool:
    """Say whether two gradients are equal up to the rounding of float32, NaN being NaN."""
    return all(
        (x != x and y != y) or math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-7)
        for x, y in zip(first, second, strict=True)
    )


def like(name: str, rule: Rule) -> str:
    """Hold a form against a rule at all windows.

    Raises ``CheckFailedError`` with the first window on which autograd says otherwise.
    """
    for window, found in zip(WINDOWS, gradients(name), strict=True):
        if not same(found, rule(window)):
            raise CheckFailedError(f"{name} at {window}: {found}, said {rule(window)}")
    return f"{len(WINDOWS):,} windows"


# -- the table -----------------------------------------------------------------------------------


def _finite(window: Window) -> bool:
    return all(map(math.isfinite, window))


#: Kinds of windows: what they are called, and which they are.
KINDS: dict[str, Callable[[Window], bool]] = {
    "one is the largest": lambda w: _finite(w) and len(_largest(w)) == 1,
    "some tie": lambda w: _finite(w) and 1 < len(_largest(w)) < TAPS,
    "all are 0": lambda w: not any(w),
    "+∞ is the largest": lambda w: max(w) == math.inf and not any(x != x for x in w),
    "NaN": lambda w: any(x != x for x in w),
}
#: What a form does, in words: the first that is true of all windows of a kind is told.
WORDS: dict[str, Rule] = {
    "nothing": nothing,
    "shares": shared,
    "the first": to_the_first,
    "the last": to_the_last,
    "the last tap": to_the_last_tap,
    "exp(x)/Σ exp(x)": softmax,
}
_FOR_ONE = "the largest"


def told(name: str, kind: str) -> str:
    """Return in words what a form gives to windows of a kind.

    >>> told("native", "some tie"), told("amax", "all are 0"), told("three ReLUs", "all are 0")
    ('the first', 'shares', 'nothing')
    """
    windows = [w for w in WINDOWS if KINDS[kind](w)]
    found = list(zip(windows, gradients(name, windows), strict=True))
    if kind == "NaN" and all(all(x != x for x in g) for _, g in found):
        return "NaN to all"
    for words, rule in WORDS.items():
        if all(same(g, rule(w)) for w, g in found):
            if kind == "one is the largest" and rule is not softmax:
                return _FOR_ONE
            return words + " NaN" * (kind == "NaN" and rule in (to_the_first, to_the_last))
    native = gradients("native", windows)
    alike = [same(g, n) for (_, g), n in zip(found, native, strict=True)]
    place = alike.index(False)
    shown = ", ".join(f"{x:g}" for x in found[place][0])
    got = ", ".join(f"{x:.3g}" for x in found[place][1])
    return f"as native at {sum(alike)} of {len(alike)}; ({shown}) gets ({got})"


def drawn() -> list[Window]:
    """Return windows of normal numbers, float32, of which the second and the third are equal."""
    import torch

    x = torch.randn(DRAWN, TAPS, generator=torch.Generator().manual_seed(0))
    x[:, 2] = x[:, 1]
    return [tuple(row) for row in x.tolist()]


def as_native(name: str) -> int:
    """Return at how many of the drawn windows a form is trained as max-pooling is."""
    windows = drawn()
    found = zip(gradients(name, windows), gradients("native", windows), strict=True)
    return sum(same(g, n) for g, n in found)


def merges_break_ties(names: Sequence[str], *, always: bool) -> str:
    """Say at how many of the drawn windows forms are trained as max-pooling is.

    Raises ``CheckFailedError`` unless that is all of them, or, if not ``always``, not all.
    """
    counts = {name: as_native(name) for name in names}
    for name, count in counts.items():
        if (count == DRAWN) != always:
            raise CheckFailedError(f"{name} is trained as max-pooling at {count:,} of {DRAWN:,}")
    return f"as max-pooling of {DRAWN:,}: {counts}"


def table() -> str:
    """Return the table of forms and kinds of windows, as autograd fills it."""
    ties = f"as native, of {DRAWN:,} drawn a, b, b, c"
    lines = [["", "", *KINDS, ties], ["---"] * (3 + len(KINDS))]
    lines += [[name, form.written, *(told(name, kind) for kind in KINDS), f"{as_native(name):,}"]
              for name, form in FORMS.items()]  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def checked(name: str, rule: Rule) -> Check:
    """Return the comparison of one form with a rule."""
    return Check(name, "torch", lambda: like(name, rule), MEASURED, ("float32",))


def ties(name: str, forms: Sequence[str], *, always: bool) -> Check:
    """Return the comparison with max-pooling at drawn windows, in which two taps tie."""
    run = partial(merges_break_ties, forms, always=always)
    return Check(name, "torch", run, MEASURED, ("float32",))


claim = Claim(
    __name__,
    title="Of equal taps torch trains the first in max-pooling, folds and stable sorts, the last "
    "in sort, all in amax; three ReLUs train no 0.",
    holds="NaN: the last one in max-pooling; everybody, by NaN, in amax and log-sum-exp; whatever "
    "tap comes last in a fold",
    why="Each form has its own derivative where max has none, and its own place for NaN.",
    source="torch.autograd of this version of torch, found by running it; the chain rule",
    generality="all windows of four out of −∞, −1, −0, 0, 1, ∞ and NaN, float32; 3,000 drawn with "
    "two equal taps, where merges round",
    parts=(
        *(checked(name, form.rule) for name, form in FORMS.items()),
        ties("ties that nobody merges", ("native", "stable sort"), always=True),
        ties("ties that merges break", ("fold", "tree", "three ReLUs"), always=False),
    ),
    expected=expect(MEASURED, "float32"),
    mutants={
        "amax trains the first": checked("amax", to_the_first),
        "sort trains the first": checked("sort", to_the_first_or_the_last_nan),
        "max_pool trains the first NaN": checked("native", to_the_first),
        "a fold trains NaN as max_pool does": checked("fold", to_the_first_or_the_last_nan),
        "three ReLUs are trained as a fold": checked("three ReLUs", by_fold),
        "log-sum-exp trains the largest": checked("log-sum-exp", shared),
        "merges keep ties": ties("", ("fold", "tree"), always=True),
    },
)
