from __future__ import annotations

import copy
import importlib
import importlib.util
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import costmodel
from costmodel.whole.conventions import COUNTERS, Reconciliation


def resnet50() -> nn.Module:
    """Return ResNet-50; the file beside this one defines it."""
    spec = importlib.util.spec_from_file_location("resnet", Path(__file__).with_name("resnet.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net: nn.Module = module.ResNet50()
    return net.eval()


class Residual(nn.Module):
    """A layer and a way around it."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Any:
        """Return the sum."""
        return self.inner(x) + x


class Functional(nn.Module):
    """Poolings and activations that are called as functions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.head = nn.Linear(4, 2, bias=False)

    def forward(self, x: Tensor) -> Any:
        """Return two scores."""
        x = F.avg_pool2d(F.relu(F.max_pool2d(self.conv(x), 3, 2, 1)), 2)
        return self.head(x.mean((2, 3)))


MODELS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "biases": (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 5)
        ),
        (2, 3, 16, 16),
    ),
    "groups and dilation": (
        nn.Sequential(
            nn.Conv2d(4, 8, 3, padding=2, dilation=2, groups=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU6(),
            Residual(nn.Conv2d(8, 8, 3, padding=1, groups=8)),
            nn.AvgPool2d(3, 2, 1, ceil_mode=True),
            nn.AdaptiveAvgPool2d(1),
        ),
        (1, 4, 14, 15),
    ),
    "one axis": (
        nn.Sequential(
            nn.Conv1d(2, 6, 5), nn.BatchNorm1d(6, affine=False), nn.LeakyReLU(), nn.MaxPool1d(3)
        ),
        (2, 2, 30),
    ),
    "three axes": (
        nn.Sequential(nn.Conv3d(2, 3, 2), nn.ReLU(), nn.AvgPool3d(2), nn.AdaptiveMaxPool3d(1)),
        (1, 2, 6, 7, 8),
    ),
    "other normalisations": (
        nn.Sequential(nn.Conv2d(3, 8, 1), nn.GroupNorm(2, 8), nn.GELU(), nn.AdaptiveAvgPool2d(2)),
        (2, 3, 8, 8),
    ),
    "functions": (Functional(), (1, 3, 12, 12)),
}


def flop_counter(model: nn.Module, x: Tensor) -> int:
    """Ask torch's counter."""
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        model(x)
    return int(counted.get_total_flops())


def fvcore(model: nn.Module, x: Tensor) -> int:
    """Ask fvcore."""
    counted = pytest.importorskip("fvcore.nn").FlopCountAnalysis(model, x)
    counted.unsupported_ops_warnings(False)
    counted.uncalled_modules_warnings(False)
    return int(counted.total())


def ptflops(model: nn.Module, x: Tensor, backend: str = "pytorch") -> int:
    """Ask ptflops."""
    macs, _ = pytest.importorskip("ptflops").get_model_complexity_info(
        model,
        tuple(x.shape[1:]),
        as_strings=False,
        print_per_layer_stat=False,
        input_constructor=lambda _: x,
        backend=backend,
    )
    return int(macs)


def ptflops_aten(model: nn.Module, x: Tensor) -> int:
    """Ask its other backend."""
    return ptflops(model, x, "aten")


def calflops(model: nn.Module, x: Tensor) -> int:
    """Ask calflops."""
    calculate = pytest.importorskip("calflops").calculate_flops
    flops, _, _ = calculate(
        model, args=[x], print_results=False, print_detailed=False, output_as_string=False
    )
    return int(flops)


def thop(model: nn.Module, x: Tensor) -> int:
    """Ask thop."""
    return int(pytest.importorskip("thop").profile(model, (x,), verbose=False)[0])


def torchinfo(model: nn.Module, x: Tensor) -> int:
    """Ask torchinfo."""
    summary = pytest.importorskip("torchinfo").summary(model, input_data=x, verbose=0)
    return int(summary.total_mult_adds)


INSTALLED: dict[str, Callable[[nn.Module, Tensor], int]] = {
    "flop_counter": flop_counter,
    "fvcore": fvcore,
    "ptflops": ptflops,
    "ptflops, aten": ptflops_aten,
    "calflops": calflops,
    "thop": thop,
    "torchinfo": torchinfo,
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Let the other counters warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("counter", INSTALLED)
@pytest.mark.parametrize("name", MODELS)
def test_what_the_installed_counters_say(name: str, counter: str) -> None:
    """To the last digit, where the rule settles it."""
    model, shape = MODELS[name]
    model = copy.deepcopy(model).eval()
    try:
        told = costmodel.of_model(model, shape).as_counted_by(counter)
    except ValueError as unsettled:
        assert "does not follow from what torch dispatches" in str(unsettled)
        assert (name, counter) == ("groups and dilation", "calflops")
        return
    assert told.theirs == INSTALLED[counter](model, torch.zeros(shape))
    assert told.ours + sum(step.difference for step in told.steps) == told.theirs


def test_the_rules_can_be_wrong() -> None:
    """A rule for another mode is not the one that the counter has."""
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, affine=False))
    told = costmodel.of_model(model.train(), (1, 3, 8, 8)).as_counted_by("fvcore").theirs
    assert told != costmodel.of_model(model.eval(), (1, 3, 8, 8)).as_counted_by("fvcore").theirs
    assert told != flop_counter(model, torch.zeros(1, 3, 8, 8)) // 2


PUBLISHED = {
    "flop_counter": 8_178_368_512,
    "fvcore": 4_111_512_576,
    "ptflops": 4_132_436_968,
    "ptflops, aten": 4_089_185_256,
    "calflops": 8_211_108_352,
    "thop": 4_133_742_592,
    "torchinfo": 4_089_238_376,
}


@pytest.mark.parametrize("counter", PUBLISHED)
def test_resnet_50(counter: str) -> None:
    """Seven totals for one network, each explained from ours."""
    whole = costmodel.of_model(resnet50(), (1, 3, 224, 224))
    assert whole.total.flops == 8_180_053_056
    assert whole.as_counted_by(counter).theirs == PUBLISHED[counter]


@pytest.mark.slow
@pytest.mark.parametrize("counter", PUBLISHED)
def test_resnet_50_by_the_installed_counters(counter: str) -> None:
    """They still say what they said."""
    assert INSTALLED[counter](resnet50(), torch.zeros(1, 3, 224, 224)) == PUBLISHED[counter]


def test_xla() -> None:
    """The program that JAX has for the network, before it is compiled."""
    jax = pytest.importorskip("jax")
    lax, numpy = jax.lax, importlib.import_module("jax.numpy")
    stem = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Flatten(),
        nn.Linear(128, 5),
    ).eval()  # fmt: skip

    def program(x: Any, kernel: Any, bias: Any, scale: Any, shift: Any, weight: Any, b: Any) -> Any:
        x = lax.conv_general_dilated(x, kernel, (2, 2), ((1, 1), (1, 1)))
        x = x + bias[:, None, None]
        x = x * scale[:, None, None] + shift[:, None, None]
        x = lax.max(x, 0.0)
        window, padding = (1, 1, 3, 3), ((0, 0), (0, 0), (1, 1), (1, 1))
        x = lax.reduce_window(x, -numpy.inf, lax.max, window, (1, 1, 2, 2), padding)
        return x.reshape(2, -1) @ weight + b

    shapes = [(2, 3, 16, 16), (8, 3, 3, 3), (8,), (8,), (8,), (128, 5), (5,)]
    lowered = jax.jit(program).lower(*map(numpy.zeros, shapes))
    told = costmodel.of_model(stem, (2, 3, 16, 16)).as_counted_by("xla")
    assert told.theirs == lowered.cost_analysis()["flops"]


def test_the_stem_of_resnet_by_xla() -> None:
    """Exactly the textbook's count of windows in full."""
    told = costmodel.of_model(nn.MaxPool2d(3, 2, 1), (1, 64, 112, 112)).as_counted_by("xla")
    assert (told.ours, told.theirs) == (1_584_192, 1_605_632)
    assert told.theirs == costmodel.flops(
        "max_pool2d", (1, 64, 112, 112), 3, 2, 1, counting="window"
    )


def test_the_table() -> None:
    """From ours to theirs, step by step, in text, Markdown, HTML and as data."""
    net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.MaxPool2d(2))
    told = costmodel.of_model(net, (1, 1, 2, 2)).as_counted_by("fvcore")
    assert str(told).splitlines() == [
        "costmodel                                   11",
        "a multiply-accumulate is one operation  -4   7",
        "pooling is not counted                  -3   4",
        "fvcore                                       4",
    ]
    assert repr(told) == str(told)
    assert told.to_markdown().splitlines()[3] == (
        "| a multiply-accumulate is one operation | -4 | 7 |"
    )
    assert "<td>pooling is not counted</td>" in told._repr_html_()
    data = told.to_dict()
    assert (data["ours"], data["theirs"], len(data["steps"])) == (11, 4, 2)
    assert Reconciliation("Net", "same", "1", 3, ()).theirs == 3


def test_what_is_refused() -> None:
    """Unknown counters, other rows, and what a rule does not settle."""
    attention = nn.MultiheadAttention(8, 2)
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    cases: list[tuple[Callable[[], Any], str]] = [
        (
            lambda: costmodel.of_model(net, (1, 2)).as_counted_by("thop2"),
            f"counter must be one of {', '.join(COUNTERS)}, got 'thop2'",
        ),
        (
            lambda: costmodel.of_model(net, (1, 2), elementwise=True).as_counted_by("thop"),
            "other counters are compared with a forward pass, elementwise=False",
        ),
        (
            lambda: costmodel.of_model(attention, *[(3, 1, 8)] * 3).as_counted_by("fvcore"),
            "what fvcore says of addmm in the model (MultiheadAttention) does not follow from "
            "what torch dispatches",
        ),
    ]
    for refused, message in cases:
        with pytest.raises(ValueError) as caught:
            refused()
        assert str(caught.value) == message


def test_the_page() -> None:
    """``docs/totals.md`` shows what is computed: one table for each counter."""
    whole = costmodel.of_model(resnet50(), (1, 3, 224, 224))
    tables = []
    for counter, (version, _) in COUNTERS.items():
        told = whole.as_counted_by(counter)
        tables.append(f"## {counter}: {told.theirs:,}\n\n{version}\n\n{told.to_markdown()}")
    page = (Path(__file__).parents[3] / "docs" / "totals.md").read_text("utf-8")
    shown = page.split("<!-- totals: begin -->\n")[1].split("\n<!-- totals: end -->")[0]
    assert shown == "\n\n".join(tables)
