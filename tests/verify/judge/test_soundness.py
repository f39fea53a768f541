"""The classes of modules that a judge can be fooled by: none is proved, wrong ones are refuted."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import itertools
import math
import pickle
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from torch._subclasses.fake_tensor import FakeTensor

from proofs.verdict import Verdict
from verify.cores import threads
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]
POOL = "max_pool1d(2)"


def pool(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2, right."""
    return torch.maximum(x[..., ::2], x[..., 1::2])


def mean(x: torch.Tensor) -> torch.Tensor:
    """Average-pool 2, wrong."""
    return F.avg_pool1d(x, 2)


def started_by_nan(x: torch.Tensor) -> torch.Tensor:
    """A fold by comparison from NaN, which never loses it."""
    best = torch.full_like(x[..., ::2], math.nan)
    for tap in (x[..., ::2], x[..., 1::2]):
        best = torch.where(tap > best, tap, best)
    return best


clipping = torch.library.custom_op("poolproof_tests::relu", lambda x: x.clamp(0, 6),
                                   mutates_args=(), schema="(Tensor x) -> Tensor")  # fmt: skip


def by_a_custom_operator(x: torch.Tensor) -> torch.Tensor:
    """A ReLU that clips at 6, under torch's own bare name."""
    a, b = x[..., ::2], x[..., 1::2]
    return torch.ops.poolproof_tests.relu(a - b) + b  # type: ignore[no-any-return]


def right_while_compiling(x: torch.Tensor) -> torch.Tensor:
    """Right wherever a tracer looks."""
    return pool(x) if torch.compiler.is_compiling() else mean(x)


def right_while_exporting(x: torch.Tensor) -> torch.Tensor:
    """Right wherever an exporter looks."""
    return pool(x) if torch.compiler.is_exporting() else mean(x)


def right_without_gradients(x: torch.Tensor) -> torch.Tensor:
    """Right where no gradients are kept."""
    return mean(x) if torch.is_grad_enabled() else pool(x)


def wrong_without_gradients(x: torch.Tensor) -> torch.Tensor:
    """Right where gradients are kept."""
    return pool(x) if torch.is_grad_enabled() else mean(x)


def wrong_in_training(x: torch.Tensor) -> torch.Tensor:
    """Right of what requires no gradients."""
    return mean(x) if x.requires_grad else pool(x)


def right_for_fakes(x: torch.Tensor) -> torch.Tensor:
    """Right for a tracer's tensors."""
    return pool(x) if isinstance(x, FakeTensor) else mean(x)


def right_under_a_mode(x: torch.Tensor) -> torch.Tensor:
    """Right while somebody watches."""
    return pool(x) if torch._C._len_torch_dispatch_stack() else mean(x)


def swallowed(x: torch.Tensor) -> torch.Tensor:
    """Read a value and go on as if the failure were a result."""
    try:
        large = int(x.abs().max()) > 12345
    except Exception:
        large = False
    return mean(x) if large else pool(x)


def far_out(x: torch.Tensor) -> torch.Tensor:
    """Wrong where an element is larger than 100."""
    return mean(x) if bool(x.max() > 100) else pool(x)


def further_out(x: torch.Tensor) -> torch.Tensor:
    """Wrong at one far number only."""
    return pool(x) + torch.where(x[..., ::2] == 98765.4321, 1.0, 0.0)


def asked_by_equal(x: torch.Tensor) -> torch.Tensor:
    """Wrong at one input."""
    return pool(x) + torch.equal(x, torch.full_like(x, 77.5))


class Hidden(torch.nn.Module):
    """Wrong at every 71st call, counted where nothing can be pickled."""

    numbers = (i for i in itertools.count())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Count in a generator."""
        return mean(x) if next(self.numbers) % 71 == 70 else pool(x)


class Counter:
    """An object that counts and cannot be pickled."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calls = 0

    def __call__(self) -> int:
        """Count the call."""
        with self.lock:
            self.calls += 1
        return self.calls


counted = Counter()


def counting(x: torch.Tensor) -> torch.Tensor:
    """Wrong at every 71st call, counted beside a lock."""
    return mean(x) if counted() % 71 == 70 else pool(x)


def counting_threads(x: torch.Tensor) -> torch.Tensor:
    """Right of one thread."""
    return mean(x) if torch.get_num_threads() > 1 else pool(x)


def by_the_clock(x: torch.Tensor) -> torch.Tensor:
    """Wrong at some times of the day."""
    return mean(x) if time.time_ns() // 10**9 % 86400 == 86399 else pool(x)


def by_an_address(x: torch.Tensor) -> torch.Tensor:
    """Wrong where memory lies just so."""
    return mean(x) if x.data_ptr() % (1 << 40) == 64 else pool(x)


def by_who_calls(x: torch.Tensor) -> torch.Tensor:
    """Right where one of the judge's functions calls."""
    frame: Any = sys._getframe()
    while frame is not None:
        if "judge" in frame.f_code.co_filename:
            return pool(x)
        frame = frame.f_back
    return mean(x)


here = threading.local()


def counting_in_a_thread(x: torch.Tensor) -> torch.Tensor:
    """Wrong at every 71st call, counted in a thread's own variable."""
    here.calls = getattr(here, "calls", 0) + 1
    return mean(x) if here.calls % 71 == 70 else pool(x)


@functools.cache
def cached(number: int) -> list[int]:
    """Return a list that is kept."""
    return [number]


def counting_in_a_cache(x: torch.Tensor) -> torch.Tensor:
    """Wrong at every 71st call, counted in what is cached."""
    cached(0)[0] += 1
    return mean(x) if cached(0)[0] % 71 == 70 else pool(x)


WRONG: list[Network] = [
    started_by_nan, by_a_custom_operator, right_while_compiling, right_while_exporting,
    right_without_gradients, right_for_fakes, right_under_a_mode, far_out,
]  # fmt: skip


@pytest.mark.parametrize("network", WRONG, ids=lambda n: n.__name__)
def test_the_wrong_are_refuted(network: Network) -> None:
    """What runs is wrong, whatever a tracer, a mode or a gradient would make of it."""
    found = equivalent(network, POOL, (1, 1, 4))
    assert found.verdict is Verdict.REFUTED, found.reason


def by_what_lay_there(x: torch.Tensor) -> torch.Tensor:
    """Wrong where memory was never written to and held just this."""
    found = torch.empty_strided((1, 1, 2), (2, 2, 1))
    return torch.where(found == 3.5, mean(x), pool(x))


def by_which_place_lay_there(x: torch.Tensor) -> torch.Tensor:
    """The same of whole numbers."""
    return torch.where(torch.empty(2, dtype=torch.int64) == 35, mean(x), pool(x))


class Flagged:
    """An object of which a copy is another one."""

    def __init__(self, wrong: bool) -> None:
        self.wrong = wrong

    def __deepcopy__(self, memo: dict[int, Any]) -> Flagged:
        return Flagged(False)


class CopiedOtherwise(torch.nn.Module):
    """Wrong, and right where it is copied."""

    def __init__(self) -> None:
        super().__init__()
        self.flag = Flagged(True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool."""
        return mean(x) if self.flag.wrong and bool(x.max() > 54321) else pool(x)


def compiler(graph: Any, _: Any) -> Callable[..., Any]:
    """Return a graph that is wrong at one number."""

    def compiled(*args: torch.Tensor) -> Any:
        (y,) = graph.forward(*args)
        return (torch.where(y == 4444.5, y + 1, y),)

    return compiled


RARELY_WRONG: list[Any] = [
    CopiedOtherwise(), torch.compile(pool, backend=compiler),
    by_what_lay_there, by_which_place_lay_there,
    swallowed, further_out, asked_by_equal, wrong_without_gradients, wrong_in_training, Hidden(),
    counting, by_the_clock, by_an_address, by_who_calls, counting_in_a_thread, counting_in_a_cache,
]  # fmt: skip


@pytest.mark.parametrize(
    "network", RARELY_WRONG, ids=lambda n: getattr(n, "__name__", type(n).__name__)
)
def test_the_rarely_wrong_are_not_proved(network: Any) -> None:
    """A fault at one far number, under another mode, or at a later call."""
    found = equivalent(network, POOL, (1, 1, 4))
    assert not found.verdict.settles, found.reason


def test_it_runs_in_as_many_threads_as_where_nobody_judges() -> None:
    """The judge computes in one thread; what is right there alone is not proved."""
    with threads(2):
        found = equivalent(counting_threads, POOL, (1, 1, 4))
    assert found.verdict is Verdict.NOT_JUDGED
    assert found.reason.startswith("in 2 threads it computes something else")


def by(read: Callable[[torch.Tensor], Any]) -> Network:
    """Return a module that is wrong at one number, which it reads in its own way."""

    def network(x: torch.Tensor) -> torch.Tensor:
        with contextlib.suppress(ZeroDivisionError):
            if read(x) == 31337.0:
                return mean(x)
        return pool(x)

    return network


def in_a_thread(x: torch.Tensor) -> float:
    """Read in another thread."""
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.append(x.flatten()[0].item()))
    thread.start()
    thread.join()
    return found[0]


def as_bytes(x: torch.Tensor) -> float:
    """Read by way of a buffer."""
    return float(numpy.frombuffer(bytes(x.untyped_storage()), numpy.float32)[0])


READS: dict[str, Callable[[torch.Tensor], Any]] = {
    "item": lambda x: x.flatten()[0].item(),
    "float": lambda x: float(x.flatten()[0]),
    "int": lambda x: float(int(x.flatten()[0])),
    "index": lambda x: list(range(99999))[x.flatten()[0].abs().clamp(0, 9e4).long()] * 1.0,
    "tolist": lambda x: x.tolist()[0][0][0],
    "numpy": lambda x: x.numpy().flat[0],
    "array": lambda x: numpy.asarray(x).flat[0],
    "dlpack": lambda x: numpy.from_dlpack(x).flat[0],
    "again": lambda x: torch.from_numpy(x.numpy()).tolist()[0][0][0],
    "ctypes": lambda x: ctypes.c_float.from_address(x.data_ptr()).value,
    "storage": lambda x: len(list(x.untyped_storage())) and as_bytes(x),
    "bytes": as_bytes,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)).flatten()[0].item(),
    "thread": in_a_thread,
    "nonzero": lambda x: float(len((x == 31337).nonzero())) * 31337.0,
    "mask": lambda x: float(x[x == 31337].numel() > 0) * 31337.0,
    "allclose": lambda x: torch.allclose(x[..., :1], torch.tensor(31337.0)) * 31337.0,
    "unique": lambda x: float(len(torch.unique_consecutive(x))) and x.flatten()[0].item(),
    "repr": lambda x: 31337.0 if "31337" in repr(x) else 0.0,
    "format": lambda x: float(f"{x.flatten()[0]:f}"),
    "view": lambda x: float(x.view(torch.int32).flatten()[0] == 1190447616) * 31337.0,
    "double": lambda x: x.double().flatten()[0].tolist(),
}


@pytest.mark.parametrize("read", READS)
def test_no_read_escapes(read: str) -> None:
    """A value read in any way leaves no proof, whatever is done with it."""
    found = equivalent(by(READS[read]), POOL, (1, 1, 4))
    assert not found.verdict.settles, found.reason


def test_numbers_read_are_tested_and_the_line_is_named() -> None:
    """The word is TESTED; the reason names the operation and the user's line."""
    found = equivalent(by(READS["float"]), POOL, (1, 1, 4))
    assert found.verdict is Verdict.TESTED
    assert "a number is read out of the input, line" in found.reason
    found = equivalent(by(READS["numpy"]), POOL, (1, 1, 4))
    assert found.verdict is Verdict.TESTED
    assert "reads its input's numbers out of memory" in found.reason


ROUNDING: list[tuple[Network, Network, str]] = [
    (lambda x: x**3, lambda x: x * x * x, "float16"),
    (lambda x: x**3, lambda x: x * x * x, "float32"),
    (lambda x: torch.add(x, x[..., :1], alpha=3), lambda x: x + 3 * x[..., :1], "float32"),
    (lambda x: torch.addcmul(x, x, x), lambda x: x + x * x, "float32"),
    (lambda x: torch.addmm(x, x, torch.eye(4, dtype=x.dtype)),
     lambda x: x + x @ torch.eye(4, dtype=x.dtype), "float16"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "system"), ROUNDING)
def test_kernels_that_round_otherwise(left: Network, right: Network, system: str) -> None:
    """Equal over the reals, and not proved where a kernel rounds otherwise than its parts."""
    found = equivalent(left, right, (4, 4), system)
    assert not found.verdict.settles, found.reason
    assert equivalent(left, right, (4, 4)).verdict is Verdict.PROVED_BOUNDED


class Wrapped(torch.Tensor):
    """A subclass of tensors."""


def by_a_subclass(x: torch.Tensor) -> torch.Tensor:
    """Compute with a subclass."""
    return pool(x.as_subclass(Wrapped)).as_subclass(torch.Tensor)


def test_subclasses_prove_nothing() -> None:
    """A subclass may do anything with an operator."""
    assert not equivalent(by_a_subclass, POOL, (1, 1, 4)).verdict.settles


def test_hooks_are_part_of_the_module() -> None:
    """A hook that spoils the output is seen."""
    layer = torch.nn.MaxPool1d(2)
    layer.register_forward_hook(lambda module, args, output: output + (output > 500).float())
    found = equivalent(layer, POOL, (1, 1, 4))
    assert found.verdict is Verdict.REFUTED


def test_one_place_of_one_channel() -> None:
    """Nothing is assumed alike: one place apart is refuted, far away as well."""

    def apart(x: torch.Tensor) -> torch.Tensor:
        y = F.max_pool2d(x, 2).clone()
        y[0, 5, 3, 3] += F.relu(x[0, 5, 6, 6] - 4321)
        return y

    found = equivalent(apart, "max_pool2d(2)", (1, 8, 16, 16))
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.index == (0, 5, 3, 3)


#: Equal to x wherever they are defined, which is not everywhere.
UNDEFINED: list[Network] = [
    lambda x: x + 1 / (x - 0.3) - 1 / (x - 0.3),
    lambda x: x + (x * x - 0.6 * x + 0.089).log() - (x * x - 0.6 * x + 0.089).log(),
    lambda x: x + 0 * (x - 0.3).abs().log(),
    lambda x: x + ((x - 0.3) ** 2 - 1e-6).sqrt() * 0,
    lambda x: ((x - 0.3) ** 2 - 1e-6).log().exp() + 0.6 * x - 0.09 + 1e-6 - x * x + x,
    lambda x: x + F.conv1d((x - 0.3).abs().log()[:, None], torch.zeros(1, 1, 1))[:, 0],
    lambda x: x * (x - 0.3) / (x - 0.3),
]


def pole(x: torch.Tensor) -> torch.Tensor:
    """1 / (x − 77.125), of the first element."""
    return 1 / (x.flatten()[0] - 77.125)


#: Equal to x but where the first element is 77.125, or −0.
AT_A_POLE: list[Network] = [
    lambda x: x + torch.isinf(pole(x)).float(),
    lambda x: x + (~torch.isfinite(pole(x))).float(),
    lambda x: torch.where(pole(x) < math.inf, x, x + 1),
    lambda x: torch.where(pole(x).abs().log() > -math.inf, x, x + 1),
    lambda x: x + (1 / x.flatten()[0] == -math.inf).float(),
    lambda x: torch.maximum(pole(x) * 0 - math.inf, x),
    lambda x: torch.minimum(torch.maximum(pole(x) * 0, torch.tensor(math.inf)), x),
]


@pytest.mark.parametrize("network", AT_A_POLE)
def test_an_infinity_hides_no_pole(network: Network) -> None:
    """What is compared with an infinity, or lost beside one, may be infinite or NaN itself."""
    found = equivalent(network, lambda x: x.clone(), (2, 2))
    assert not found.verdict.settles, found.reason


@pytest.mark.parametrize("network", UNDEFINED)
def test_what_is_undefined_somewhere_is_no_proof(network: Network) -> None:
    """At x near 0.3 they give NaN, and no telling input is that."""
    found = equivalent(network, lambda x: x, (2, 2))
    assert found.verdict in (Verdict.UNKNOWN, Verdict.REFUTED)


@pytest.mark.parametrize(
    ("network", "other"),
    [
        (lambda x: torch.where(x == 0.3, x, x * (x - 0.3) / (x - 0.3)), lambda x: x),
        (lambda x: x / torch.where(x == 0, 1.0, x) * x, lambda x: x),
        (lambda x: (x.relu() + 1) * x / (x.relu() + 1), lambda x: x),
        (lambda x: x / (x - 0.3) + x, lambda x: 2 * x / (2 * x - 0.6) + x),
        (lambda x: (x * x.exp()).sum(-1) / x.exp().sum(-1), lambda x: (x * x.softmax(-1)).sum(-1)),
    ],
)
def test_what_is_defined_in_the_same_places_is_proved(network: Network, other: Network) -> None:
    """A quotient that is not chosen where it is none, positive denominators, the same poles."""
    found = equivalent(network, other, (2, 2))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def raising(x: torch.Tensor, *, when: bool) -> torch.Tensor:
    """Pool, but where it must not."""
    if when:
        raise ValueError("not here")
    return pool(x)


RAISING: list[Network] = [
    lambda x: raising(x, when=bool((x > 100).any())),
    lambda x: raising(x, when=bool(x[0, 0, 0] == 12345.5)),
    lambda x: raising(x, when=bool((x[0, 0, 0] * x[0, 0, 0] + x[0, 0, 1] == 7.25)
                                   & (x[0, 0, 1] == 1))),
    lambda x: raising(x, when=len({float(v) > 1e4 for v in x.detach().flatten()}) > 1),
]  # fmt: skip


@pytest.mark.parametrize("network", RAISING)
def test_a_module_that_raises_somewhere_is_refuted(network: Network) -> None:
    """On an input on which it was seen to raise and the reference not, however rare."""
    found = equivalent(network, POOL, (1, 1, 4))
    assert found.verdict is Verdict.REFUTED, found.reason
    assert "ValueError: not here, line" in found.reason
    assert found.counterexample is not None
    with pytest.raises(ValueError, match="not here"):
        network(found.counterexample.input)
    written = found.to_dict()["counterexample"]
    assert written["module_output"] is written["module_value"] is None


def test_who_raises_nowhere_or_on_all_inputs_alike() -> None:
    """A way that no input goes is none; what always fails cannot be run; so may both sides."""
    never = equivalent(lambda x: raising(x, when=bool((x * x < 0).any())), POOL, (1, 1, 4))
    assert never.verdict is Verdict.PROVED_BOUNDED, never.reason
    always = equivalent(lambda x: raising(x, when=True), POOL, (1, 1, 4))
    assert always.verdict is Verdict.NOT_JUDGED

    def positive(x: torch.Tensor) -> torch.Tensor:
        return raising(x, when=bool((x > 100).any()))

    both = equivalent(positive, lambda x: positive(x + 0), (1, 1, 4))
    assert not both.verdict.settles
    assert both.verdict is not Verdict.REFUTED


def test_what_is_multiplied_by_zero_may_overflow() -> None:
    """Running sums by a matrix of ones and zeros: ∞ · 0 is NaN in a run, and only there."""

    def by_matrix(x: torch.Tensor) -> torch.Tensor:
        return (x + x) @ torch.triu(torch.ones(6, 6, dtype=x.dtype))

    found = equivalent(by_matrix, lambda x: (x + x).cumsum(1), (2, 6))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert any("values overflow" in line for line in found.footprint)


def test_what_an_overflow_made_may_be_a_number_again() -> None:
    """∞ · 0 is NaN, and NaN > 0 is false: only the largest inputs excuse a run so."""

    def by_weights(x: torch.Tensor) -> torch.Tensor:
        weights = torch.tensor([[0.5, 0.0], [0.0, 0.5]], dtype=x.dtype)
        y = ((2 * x)[:, None, :] * weights).sum(-1)
        return torch.where(y > 0, y, torch.zeros_like(y))

    found = equivalent(by_weights, F.relu, (3, 2))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert any("values overflow" in line for line in found.footprint)

    def by_an_overflow_everywhere(x: torch.Tensor) -> torch.Tensor:
        z = 0 * (x * 1e38 * 1e38)
        return torch.where(z == z, pool(x).repeat_interleave(2, -1), -x)

    found = equivalent(by_an_overflow_everywhere, lambda x: pool(x).repeat_interleave(2, -1), (4,))
    assert found.verdict is not Verdict.PROVED_BOUNDED, found.reason


LARGE = float(1 << 24)


def masked_by(mask: Callable[[torch.Tensor], torch.Tensor]) -> Network:
    """Return a module that is right where a mask does not hold: over the reals nowhere."""
    return lambda x: torch.where(mask(x), x + 5, x)


def decided(x: torch.Tensor) -> torch.Tensor:
    """Decide by two elements of which only a run can say that both are what they are."""
    if bool((x[0] * LARGE + x[0] == 16 * LARGE) & (x[0] == 16)):
        return x + 1
    return x.clone()


def at_two_at_once(x: torch.Tensor) -> torch.Tensor:
    """Be wrong where two elements have two numbers."""
    a, b = x[..., :1], x[..., 1:2]
    wrong = (a * LARGE + a == 4 * LARGE) & (a == 4) & (b * LARGE + b == LARGE) & (b == 1)
    return torch.where(wrong, x + 1, x)


DECIDED_BY_ROUNDING: list[Network] = [
    lambda x: torch.where(x * LARGE + x == x * LARGE, 2 * x, x),
    masked_by(lambda x: (x * LARGE + x == LARGE) & (x >= 1)),
    masked_by(lambda x: (x * LARGE + x == 4 * LARGE) & (x == 4)),
    masked_by(lambda x: ((x + 1e8) - 1e8 == 0) & (x != 0)),
    masked_by(lambda x: x / 3 * 3 != x),
    masked_by(lambda x: x / 49 * 49 != x),
    masked_by(lambda x: x * 1.1 / 1.1 != x),
    masked_by(lambda x: 0.1 * x + 0.2 * x != 0.3 * x),
    masked_by(lambda x: (x.sum() - x.flip(0).sum()).abs() > 0),
    masked_by(lambda x: (x.mean() * 4 - x.sum()).abs() > 0),
    masked_by(lambda x: ~(x * 1e38 * 1e10 - x * 1e38 * 1e10 == 0)),
    masked_by(lambda x: (x * x * x == x**3 + 1) & (x > 0)),
    masked_by(lambda x: (x * x == 0) & (x != 0)),
    lambda x: x + torch.floor((x * LARGE + x - x * LARGE) - x),
    lambda x: x + torch.round((x + 1e8 - 1e8 - x) / 4),
    lambda x: x + ((x * LARGE + x - x * LARGE) - x).sign(),
    lambda x: torch.stack([x, x + 3])[torch.stack([x / 49 * 49, x]).argmax(0), torch.arange(4)],
    lambda x: x + (x / 49 * 49 < x).float() + (x / 49 * 49 > x).float(),
    lambda x: x + ((x.sum() / 3).clamp(-2, 2) < 2).float() - ((x / 3).sum() < 2).float(),
    decided,
    at_two_at_once,
]


def under(function: Network, network: Network) -> tuple[Network, Network]:
    """Return a function of what a network makes, and of what it makes over the reals."""
    return lambda x: function(network(x)), function


#: Decided by rounding, and then more is made of it, of which no fraction is the value.
MADE_OF_DECIDED = [
    under(lambda x: torch.log(x.abs() + 1), masked_by(lambda x: x / 49 * 49 != x)),
    under(lambda x: torch.exp(-x.abs()), masked_by(lambda x: (x + 1e8) - 1e8 != x)),
    under(lambda x: (x.abs() + 1).sqrt(), masked_by(lambda x: x * 1.1 / 1.1 != x)),
    under(lambda x: x, masked_by(lambda x: x.exp() * 1.1 / 1.1 != x.exp())),
]


@pytest.mark.parametrize(("network", "meant"), MADE_OF_DECIDED)
def test_so_are_functions_of_them_and_decisions_by_functions(
    network: Network, meant: Network
) -> None:
    """Exact values come as near as is needed to tell which way a run has gone."""
    found = equivalent(network, meant, (4,), why=False)
    assert not found.verdict.settles or found.verdict is Verdict.REFUTED, found.reason


@pytest.mark.parametrize("network", DECIDED_BY_ROUNDING)
def test_decisions_that_rounding_turns_are_no_proof(network: Network) -> None:
    """Over the reals each is its input; a run is something else, if only where it is looked for."""
    found = equivalent(network, lambda x: x.clone(), (4,), why=False)
    assert not found.verdict.settles, found.reason
    if found.verdict is Verdict.NOT_JUDGED:
        assert "falls otherwise than by exact ones" in found.reason


def test_decisions_that_rounding_does_not_turn_are_told() -> None:
    """By differences, whose sign no rounding changes, and by what is exact: proved, and said."""
    pairs: list[tuple[Network, bool]] = [
        (lambda x: torch.where(x[0::2] - x[1::2] > 0, x[0::2], x[1::2]), True),
        (lambda x: torch.where(2 * x[0::2] > x[1::2] + x[1::2], x[0::2], x[1::2]), True),
        (lambda x: torch.where(x[0::2] > x[1::2], x[0::2], x[1::2]), False),
    ]
    for network, computed in pairs:
        found = equivalent(network, lambda x: torch.maximum(x[0::2], x[1::2]), (4,))
        assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
        assert any(line.startswith("decisions:") for line in found.footprint) == computed


TOP = torch.finfo(torch.float32).max

#: Max-pools that are wrong among the largest numbers alone.
WRONG_AT_THE_END: list[Network] = [
    lambda x: torch.where(pool(x) > 3e38, -pool(x), pool(x)),
    lambda x: torch.where(pool(x) < -3.4e38, -pool(x), pool(x)),
    lambda x: torch.where(pool(x) == TOP, -pool(x), pool(x)),
    lambda x: pool(x).clamp(max=3.4e38),
    lambda x: F.max_pool1d(F.pad(x, (2, 2), value=-3.4e38), 2)[..., 1:-1].clamp(min=-3.4e38),
]


@pytest.mark.parametrize("network", WRONG_AT_THE_END)
def test_the_largest_numbers_are_tried(network: Network) -> None:
    """Inputs reach to the end of the dtype, on both sides."""
    found = equivalent(network, POOL, (1, 1, 4), why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.counterexample is not None
    assert found.counterexample.input.isfinite().all()


def test_decisions_by_what_overflows_are_overflow() -> None:
    """Twice the largest number is infinite, and so is the other side: that is told, no more."""
    found = equivalent(
        lambda x: torch.where(2 * x[0::2] > x[1::2] + x[1::2], x[0::2], x[1::2]),
        lambda x: torch.maximum(x[0::2], x[1::2]), (4,),
    )  # fmt: skip
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert any("values overflow" in line for line in found.footprint)
    assert not any("rounding may be as large" in line for line in found.footprint)


RIGHT_IN_FLOAT32: list[Network] = [
    lambda x: F.pad(x, (1, 1), value=torch.finfo(x.dtype).min).unfold(-1, 3, 2).amax(-1),
    lambda x: F.max_pool1d(F.pad(x, (1, 1), value=-TOP), 3, 2),
    lambda x: F.max_pool1d(x, 3, 2, 1).clamp(-TOP, TOP),
    lambda x: -F.pad(-x, (1, 1), value=TOP).unfold(-1, 3, 2).amin(-1),
    lambda x: torch.where(F.max_pool1d(x, 3, 2, 1) > 1e39, 0.0, F.max_pool1d(x, 3, 2, 1)),
]


@pytest.mark.parametrize("network", RIGHT_IN_FLOAT32)
@pytest.mark.parametrize("shape", [(1, 1, 5), ("N", "C", "W")])
def test_what_is_wrong_beyond_the_dtype_alone(network: Network, shape: Any) -> None:
    """The least float for minus infinity: proved of what float32 has, which is said."""
    found = equivalent(network, "max_pool1d(3, 2, 1)", shape)
    assert found.verdict.settles, found.reason
    assert found.verdict is not Verdict.REFUTED
    assert found.given == "x within float32"
    assert found.statement.endswith("with x within float32")


def test_a_long_fold_from_the_least_number() -> None:
    """Folds of any length, either way; and of a start that is not the least."""

    def fold(x: torch.Tensor, start: float) -> torch.Tensor:
        best = torch.full_like(x[..., ::100], start)
        for i in range(100):
            best = torch.where(x[..., i::100] > best, x[..., i::100], best)
        return best

    found = equivalent(lambda x: fold(x, torch.finfo(x.dtype).min), "max_pool1d(100)", (1, 1, 200))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    found = equivalent(lambda x: fold(x, -3e38), "max_pool1d(100)", (1, 1, 200))
    assert found.verdict is Verdict.REFUTED, found.reason


def means(x: torch.Tensor) -> torch.Tensor:
    """The means of three."""
    return x.unfold(-1, 3, 3).mean(-1)


def sums(x: torch.Tensor) -> torch.Tensor:
    """The sums of three."""
    return x.unfold(-1, 3, 3).sum(-1)


JUMPING: list[tuple[Network, Network]] = [
    (lambda x: (sums(x) > 1.5).float(), lambda x: (means(x) > 0.5).float()),
    (lambda x: (sums(x) / 3).round(), lambda x: means(x).round()),
]  # fmt: skip


@pytest.mark.parametrize(("network", "other"), JUMPING)
def test_where_both_jump_and_runs_differ_nothing_is_proved(
    network: Network, other: Network
) -> None:
    """Equal over the reals; at a tie one run takes either side, and the other the other one."""
    found = equivalent(network, other, (1, 1, 6))
    assert found.verdict is Verdict.NOT_JUDGED, found.reason
    assert "falls otherwise than by exact ones" in found.reason


def test_squares_decide_where_they_do_not_overflow() -> None:
    """The larger magnitude by squares: not for every input, but in a range."""

    def by_squares(x: torch.Tensor) -> torch.Tensor:
        return torch.where(x[:2] ** 2 >= x[2:] ** 2, x[:2], x[2:])

    def by_magnitude(x: torch.Tensor) -> torch.Tensor:
        return torch.where(x[:2].abs() >= x[2:].abs(), x[:2], x[2:])

    found = equivalent(by_squares, by_magnitude, (4,))
    assert found.verdict is Verdict.NOT_JUDGED
    assert "--given" in found.reason
    found = equivalent(by_squares, by_magnitude, (4,), given="x in [-1000, 1000]")
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_a_large_bias_refutes_nothing() -> None:
    """A kernel that begins with its bias, beside one that adds it in the end."""
    layer = torch.nn.Conv1d(3, 1, 3, stride=2)
    torch.nn.init.constant_(layer.bias, 1e6)  # type: ignore[arg-type]

    def apart(x: torch.Tensor) -> torch.Tensor:
        assert layer.bias is not None
        taps = x.unfold(-1, 3, 2)[:, None] * layer.weight[None, :, :, None, :]
        return taps.sum((2, 4)) + layer.bias[:, None]

    found = equivalent(layer, apart, (1, 3, 9))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def squares(x: torch.Tensor) -> torch.Tensor:
    """The sum of squares of every pair."""
    return x.unfold(-1, 2, 2).square().sum(-1)


WRONG_OF_ZEROS: list[Network] = [
    lambda x: squares(x) / squares(x).sqrt(),
    lambda x: squares(x) * squares(x).rsqrt(),
    lambda x: squares(x) * squares(x) ** -0.5,
    lambda x: squares(x).sqrt() + (squares(x) == 0).float(),
]


@pytest.mark.parametrize("network", WRONG_OF_ZEROS)
def test_what_is_wrong_of_zeros_alone_is_refuted(network: Network) -> None:
    """0 / 0 where the root of 0 is meant."""
    found = equivalent(network, "lp_pool1d(2, 2)", (1, 1, 4))
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.counterexample is not None
    assert not found.counterexample.input[0, 0, :2].any()
