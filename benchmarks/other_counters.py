"""Every other counter of operations behind one signature: a model and an input, a number out.

``benchmarks/counters.py`` runs this in an environment that has them all, one process per counter:

    python -m benchmarks.other_counters           # the layers, and the names of the counters
    python -m benchmarks.other_counters fvcore    # what one counter says of them, and how fast

Each prints one JSON object. A counter is used as its own page shows, with printing switched off.
"""

from __future__ import annotations

import io
import json
import os
import platform
import statistics
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module, metadata
from typing import Any

import torch
from torch import nn

import costmodel
from benchmarks.pooling_layers import LAYERS, Layer, truth

#: What a counter says of a model and its input.
Count = Callable[[nn.Module, torch.Tensor], Any]

#: A median is taken over this many counts, or over as many as fit into the seconds.
REPEATS = 50
SECONDS_PER_LAYER = 1.0


@dataclass(frozen=True)
class Counter:
    """A counter: its name, its distribution, the unit it says it counts in, and how to load it."""

    name: str
    distribution: str
    unit: str
    load: Callable[[], Count]


COUNTERS: dict[str, Counter] = {}


def counter(
    name: str, unit: str, distribution: str = ""
) -> Callable[[Callable[[], Count]], Callable[[], Count]]:
    """Register the decorated loader."""

    def decorate(load: Callable[[], Count]) -> Callable[[], Count]:
        COUNTERS[name] = Counter(name, distribution or name, unit, load)
        return load

    return decorate


class Model(nn.Module):
    """A network that is one pooling layer.

    Some counters count children only, and some ask for the device of the first parameter.
    """

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> Any:
        """Return the pooled input."""
        return self.pool(x)


@counter("torch FlopCounterMode", "FLOPs", "torch")
def _flop_counter_mode() -> Count:
    mode = import_module("torch.utils.flop_counter").FlopCounterMode

    def count(model: nn.Module, x: torch.Tensor) -> Any:
        with mode(display=False) as counted:
            model(x)
        return counted.get_total_flops()

    return count


@counter("torch.profiler", "FLOPs", "torch")
def _torch_profiler() -> Count:
    profile = import_module("torch.profiler").profile

    def count(model: nn.Module, x: torch.Tensor) -> Any:
        with profile(with_flops=True) as profiler:
            model(x)
        events = profiler.key_averages()
        if not events:
            raise RuntimeError("no events")
        return sum(event.flops for event in events)

    return count


@counter("fvcore", "FLOPs, a multiply-add is one")
def _fvcore() -> Count:
    analysis = import_module("fvcore.nn").FlopCountAnalysis

    def count(model: nn.Module, x: torch.Tensor) -> Any:
        counted = analysis(model, x)
        counted.unsupported_ops_warnings(False)
        counted.uncalled_modules_warnings(False)
        return counted.total()

    return count


def _ptflops(backend: str) -> Count:
    complexity = import_module("ptflops").get_model_complexity_info

    def count(model: nn.Module, x: torch.Tensor) -> Any:
        macs, _ = complexity(
            model,
            tuple(x.shape[1:]),
            as_strings=False,
            print_per_layer_stat=False,
            input_constructor=lambda _: {"x": x},
            backend=backend,
        )
        return macs

    return count


@counter("ptflops, pytorch", "MACs", "ptflops")
def _ptflops_pytorch() -> Count:
    return _ptflops("pytorch")


@counter("ptflops, aten", "MACs", "ptflops")
def _ptflops_aten() -> Count:
    return _ptflops("aten")


@counter("ultralytics-thop", "MACs")
@counter("thop", "MACs")
def _thop() -> Count:
    profile = import_module("thop").profile
    return lambda model, x: profile(model, (x,), verbose=False)[0]


@counter("calflops", "FLOPs")
def _calflops() -> Count:
    calculate = import_module("calflops").calculate_flops
    return lambda model, x: calculate(
        model, args=[x], print_results=False, print_detailed=False, output_as_string=False
    )[0]


@counter("deepspeed", "FLOPs")
def _deepspeed() -> Count:
    profile = import_module("deepspeed.profiling.flops_profiler").get_model_profile
    return lambda model, x: profile(
        model, args=[x], print_profile=False, detailed=False, warm_up=0, as_string=False
    )[0]


@counter("torchinfo", "multiply-adds")
def _torchinfo() -> Count:
    summary = import_module("torchinfo").summary
    return lambda model, x: summary(model, input_data=x, device=x.device, verbose=0).total_mult_adds


@counter("torch-flops", "FLOPs")
def _torch_flops() -> Count:
    by_fx = import_module("torch_flops").TorchFLOPsByFX

    def count(model: nn.Module, x: torch.Tensor) -> Any:
        counted = by_fx(model, mem_func_name="memory_allocated")  # the default needs a GPU
        # It asks for the first parameter of the traced graph, which a pooling layer has none of.
        counted.graph_model.register_parameter("unused", model.unused)
        counted.propagate(x)
        return counted.print_total_flops(show=False)

    return count


@counter("flopth", "FLOPs")
def _flopth() -> Count:
    # Its command line imports torchvision; counting does not.
    for name in ("torchvision.models", "torchvision"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["torchvision"].models = sys.modules["torchvision.models"]  # type: ignore[attr-defined]
    flopth = import_module("flopth").flopth
    return lambda model, x: flopth(model, inputs=(x,), bare_number=True)[0]


@counter("torchprofile", "MACs")
def _torchprofile() -> Count:
    profile = import_module("torchprofile").profile_macs
    return lambda model, x: profile(model, x)


@counter("torchscan", "FLOPs")
def _torchscan() -> Count:
    crawl = import_module("torchscan").crawl_module
    return lambda model, x: crawl(model, args=(x,))["totals"]["module_flops"]["value"]


@counter("pthflops", "FLOPs")
def _pthflops() -> Count:
    count_ops = import_module("pthflops").count_ops
    return lambda model, x: count_ops(model, x, print_readable=False, verbose=False)[0]


@counter("onnx-tool", "MACs")
def _onnx_tool() -> Count:
    load, tool = import_module("onnx").load_from_string, import_module("onnx_tool").Model

    def count(model: nn.Module, x: torch.Tensor) -> Any:
        exported = io.BytesIO()
        torch.onnx.export(model, (x,), exported, dynamo=False)  # type: ignore[arg-type]
        graph = tool(load(exported.getvalue())).graph
        graph.shape_infer(None)
        graph.profile()
        return graph.macs[0]

    return count


def describe() -> dict[str, Any]:
    """Return the layers with their truth and our answer, the counters, and what all run on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "layers": [describe_layer(layer) for layer in LAYERS],
        "counters": list(COUNTERS),
    }


def describe_layer(layer: Layer) -> dict[str, Any]:
    """Return a layer, what it truly takes, and what the cost model says, as data."""
    return {
        "where": layer.where,
        "layer": str(layer),
        "shape": list(layer.shape),
        "truth": asdict(truth(layer)),
        "ours": costmodel.flops(layer.module, layer.shape),
    }


def measure(name: str) -> dict[str, Any]:
    """Return what the counter called ``name`` says of every layer, and how long it takes."""
    entry = COUNTERS[name]
    result: dict[str, Any] = {"name": name, "unit": entry.unit, "version": None}
    try:
        result["version"] = metadata.version(entry.distribution)
        count = entry.load()
    except Exception as error:
        return {**result, "layers": [{"error": _in_words(error)} for _ in LAYERS]}
    return {**result, "layers": list(_measure_layers(count))}


def _measure_layers(count: Count) -> Iterator[dict[str, Any]]:
    for layer in LAYERS:
        model, x = Model(layer.module), torch.zeros(layer.shape)
        try:
            answer = _answer(count, model, x)
        except Exception as error:
            yield {"error": _in_words(error)}
            continue
        device = "cpu"
        # A meta tensor has a shape and no elements; not every counter gives the same answer on it.
        with suppress(Exception):
            on_meta = Model(layer.module).to("meta"), x.to("meta")
            if _answer(count, *on_meta) == answer:
                device, (model, x) = "meta", on_meta
        yield {
            "answer": answer,
            "device": device,
            "seconds": _seconds(partial(count, model, x)),
            "our_seconds": _seconds(partial(costmodel.flops, layer.module, layer.shape)),
            "our_seconds_by_name": _seconds(
                partial(costmodel.flops, layer.operator, layer.shape, **layer.arguments)
            ),
        }


def _answer(count: Count, model: nn.Module, x: torch.Tensor) -> int:
    """Return what a counter says as an int; anything else it may return is an error."""
    answer = count(model, x)
    if answer is None or answer != int(answer):
        raise ValueError(f"the answer is {answer!r}")
    return int(answer)


def _seconds(call: Callable[[], Any]) -> float:
    """Return the median seconds of a call that has been made before."""
    taken: list[float] = []
    begun = time.perf_counter()
    while len(taken) < 3 or (
        len(taken) < REPEATS and time.perf_counter() - begun < SECONDS_PER_LAYER
    ):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _in_words(error: Exception) -> str:
    """Return the kind of an error and the first line of what it says."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:120]}".rstrip(": ")


def main(arguments: list[str]) -> None:
    """Print what is asked for as JSON, and nothing else: the counters like to print too."""
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "w") as output:
        os.dup2(2, 1)
        json.dump(measure(arguments[0]) if arguments else describe(), output)


if __name__ == "__main__":
    main(sys.argv[1:])
