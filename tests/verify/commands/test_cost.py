"""``verify cost`` as its users meet it: every operator and argument, data, models, mistakes."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import costmodel
from costmodel.registry import parameters
from pooling.kind import kind
from tests.verify.commands.command_line import answered
from verify import cli

ROOT = Path(__file__).parents[3]
STEM = ["max_pool2d", "--input", "1x64x112x112", "--kernel-size", "3", "--stride", "2"]

#: Argument → how it is spelled on the command line, and what it is.
SAMPLES: dict[str, tuple[list[str], Any]] = {
    "kernel_size": (["--kernel-size", "2"], 2),
    "stride": (["--stride", "3"], 3),
    "padding": (["--padding", "1"], 1),
    "dilation": (["--dilation", "2"], 2),
    "ceil_mode": (["--ceil-mode"], True),
    "return_indices": (["--return-indices"], True),
    "count_include_pad": (["--no-count-include-pad"], False),
    "divisor_override": (["--divisor-override", "5"], 5),
    "padding_convention": (["--padding-convention", "valid"], "valid"),
    "counting": (["--counting", "window"], "window"),
    "algorithm": (["--algorithm", "separable"], "separable"),
    "output_size": (["--output-size", "3"], 3),
    "norm_type": (["--norm-type", "2.5"], 2.5),
    "temperature": (["--temperature", "0.5"], 0.5),
    "proportion": (["--proportion", "0.25"], 0.25),
    "training": (["--training"], True),
    "k": (["--k", "2"], 2),
    "regions": (["--regions", "0:0:3:3x1:1:5:5"], ((0, 0, 3, 3), (1, 1, 5, 5))),
    "sampling_ratio": (["--sampling-ratio", "3"], 3),
    "aligned": (["--aligned"], True),
    "query": (["--query"], True),
    "n": (["--n", "2"], 2),
    "align_corners": (["--no-align-corners"], False),
    "padding_mode": (["--padding-mode", "zeros"], "zeros"),
    "rank": (["--rank", "2"], 2),
    "absolute": (["--absolute"], True),
    "scale_overhang": (["--no-scale-overhang"], False),
}


answer = partial(answered, "cost")


def data(arguments: list[str], capsys: Any) -> Any:
    """Run the command with ``--json -`` and return the data."""
    code, out, err = answer([*arguments, "--json", "-"], capsys)
    assert (code, err) == (0, "")
    return json.loads(out)


def axes(operator: str) -> int:
    """Return the number of spatial axes of an operator."""
    match = re.search(r"(\d)d", operator)
    assert match
    return int(match[1])


def needed(operator: str) -> list[str]:
    """Return the arguments without which an operator cannot be called."""
    names = [name for name, p in parameters(operator).items() if p.default is p.empty]
    return [*names, "output_size"] if "fractional" in operator else names


def test_the_page_says_it_all(capsys: Any, monkeypatch: Any) -> None:
    """The layer, its figures, the formula, the other conventions and algorithms, the devices."""
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = answer([*STEM, "--padding", "1"], capsys)
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    for expected in (
        "max_pool2d of 1×64×112×112 with kernel_size 3, stride 2, padding 1",
        "output 1×64×56×56",
        "operations 1,584,192 comparisons 1,584,192 taps 1,784,896",
        "outputs 200,704",
        "bytes moved 4,014,080 float32, 802,816 elements read",
        "intensity 0.3947 operations per byte",
        "operations, C = 64, H = 112, W = 112: C·((3·⌊(H + 1)/2⌋ + ((H + 1) mod 2) − 2)·",
        r"\left\lfloor{\frac{H + 1}{2}}\right\rfloor",
        "window 1,605,632 101.4% mac 1,806,336 114.0%",
        "separable 1,193,472 75.3% cheapest",
        "H100 SXM 10.0 1.32 T 1.2 µs memory",
    ):
        assert expected in words


def spelled(value: Any) -> str:
    """Return a number, a tuple of them, or of tuples of them, as the command line has it."""
    if not isinstance(value, tuple):
        return str(value)
    return "x".join(":".join(map(str, v)) if isinstance(v, tuple) else str(v) for v in value)


@pytest.mark.parametrize("operator", costmodel.operators())
def test_every_operator(operator: str, capsys: Any) -> None:
    """What is printed, and what is written as data, is what the cost model says."""
    arguments = {name: SAMPLES[name][1] for name in needed(operator)}
    if "fractional" not in operator:  # whose example has more outputs than five
        example = kind(re.sub(r"\dd(_backward)?$", "", operator)).example
        arguments |= {n: value for n, value in example.items() if n in parameters(operator)}
    options = [w for n, v in arguments.items() for w in (f"--{n.replace('_', '-')}", spelled(v))]
    shape = (2, 3) + (5,) * axes(operator)
    cost = costmodel.cost(operator, shape, **arguments)
    line = [operator, "--input", "x".join(map(str, shape)), *options]
    code, out, err = answer(line, capsys)
    assert (code, err) == (0, "")
    rows = [line.split()[:2] for line in out.splitlines()]
    assert ["operations", f"{cost.flops:,}"] in rows
    assert ["taps", f"{cost.taps:,}"] in rows
    found = data(line, capsys)
    assert found["flops"] == cost.flops == sum(found["operations"].values())
    assert found["output_shape"] == list(cost.output_shape)
    if cost.inputs_read is None:
        assert found["bytes_moved"] is None
    else:
        assert found["bytes_moved"] == cost.bytes_moved()


@pytest.mark.parametrize("operator", costmodel.operators())
def test_every_argument_is_an_option(operator: str, capsys: Any) -> None:
    """Each argument of each operator is reached, alone beside those that the operator needs."""
    shape = (2, 3) + (7,) * axes(operator)
    odd = {"kernel_size": (["--kernel-size", "3"], 3)}
    samples = SAMPLES | (odd if operator.startswith("sppf") else {})
    for name, parameter in parameters(operator).items():
        default = parameter.default
        if isinstance(default, int | float):
            sample = [f"--{name.replace('_', '-')}", str(2 * default)], 2 * default
            spelled, value = samples.get(name, sample)
        else:
            spelled, value = samples.get(name, ([], None))
        names = [n for n in needed(operator) if n != name]
        if name == "output_ratio":
            ratio = (0.5,) * axes(operator)
            spelled, value = ["--output-ratio", "x".join(map(str, ratio))], ratio
            names.remove("output_size")
        if (operator[:-2], name) == ("max_unpool", "output_size"):
            spelled, value = ["--output-size", "13"], 13  # seven windows of two are 14 elements
        if name == "output_size" and operator.startswith(("spatial_pyramid", "psp")):
            spelled, value = ["--output-size", "1x2"], (1, 2)  # two levels
        further = {"roi_max_pool": ["regions"], "roi_align": ["sampling_ratio"]}
        names += [n for n in further.get(operator[:-2], []) if n != name]
        assert spelled, f"no sample of {name}"
        options = [word for n in names for word in samples[n][0]] + spelled
        found = data([operator, "--input", ",".join(map(str, shape)), *options], capsys)
        arguments = {n: samples[n][1] for n in names} | {name: value}
        assert found["arguments"] == json.loads(json.dumps(arguments))
        assert found["flops"] == costmodel.flops(operator, shape, **arguments)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.tuples(*[st.integers(1, 9)] * 2, *[st.integers(4, 40)] * 2),
    kernel_size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 5),
    operator=st.sampled_from(["max_pool2d", "avg_pool2d", "softmax_pool2d", "lp_pool2d"]),
)
def test_what_is_printed_is_what_is_counted(
    shape: tuple[int, ...], kernel_size: tuple[int, int], stride: int, operator: str, capsys: Any
) -> None:
    """Whatever the layer, the page and the cost model give one number."""
    norm = ["--norm-type", "2"] if operator == "lp_pool2d" else []
    sizes = "x".join(map(str, kernel_size))
    line = [operator, "--input", "x".join(map(str, shape)), *norm]
    code, out, _ = answer([*line, "--kernel-size", sizes, "--stride", str(stride)], capsys)
    assert code == 0
    given = {"norm_type": 2} if norm else {}
    flops = costmodel.flops(operator, shape, kernel_size=kernel_size, stride=stride, **given)
    assert ["operations", f"{flops:,}"] in [line.split()[:2] for line in out.splitlines()]


@pytest.mark.parametrize(
    ("options", "argument", "value"),
    [
        (["--kernel-size", "3x2"], "kernel_size", [3, 2]),
        (["--kernel-size", "3×2"], "kernel_size", [3, 2]),
        (["--kernel-size", "3,2"], "kernel_size", [3, 2]),
        (["--kernel-size", "3", "--padding", "1x0"], "padding", [1, 0]),
        (["--kernel-size", "3", "--padding", "1:0x0:0"], "padding", [[1, 0], [0, 0]]),
        (["--kernel-size", "3", "--stride", "None"], "stride", None),
        (
            ["--kernel-size", "3", "--padding", "1,0,2,0", "--padding-convention", "onnx"],
            "padding",
            [1, 0, 2, 0],
        ),
    ],
)
def test_sizes_are_spelled_per_axis_and_per_edge(
    options: list[str], argument: str, value: Any, capsys: Any
) -> None:
    """``3x2``, ``3,2`` and ``before:after``."""
    found = data(["max_pool2d", "--input", "3x9x9", *options], capsys)
    assert found["arguments"][argument] == value


def test_one_axis_is_padded_on_one_side(capsys: Any) -> None:
    """Over one axis a single pair is padding per edge."""
    line = ["max_pool1d", "--input", "3x9", "--kernel-size", "3", "--stride", "1"]
    assert data([*line, "--padding", "1:0"], capsys)["output_shape"] == [3, 8]


def test_adaptive_sizes_may_be_left_as_they_are(capsys: Any) -> None:
    """``7xNone`` pools one axis alone."""
    line = ["adaptive_avg_pool2d", "--input", "1x8x14x9", "--output-size", "7xNone"]
    assert data(line, capsys)["output_shape"] == [1, 8, 7, 9]


@pytest.mark.parametrize(("levels", "outputs"), [("3", 9), ("1x2", 5), ("1x2x4", 21)])
def test_a_pyramid_has_an_entry_per_level(levels: str, outputs: int, capsys: Any) -> None:
    """As many levels as entries, of which there may be one."""
    line = ["spatial_pyramid_pool2d", "--input", "1x8x9x9", "--output-size", levels]
    assert math.prod(data(line, capsys)["output_shape"]) == 8 * outputs


def test_dtype_and_devices(capsys: Any) -> None:
    """The bytes are those of the dtype, and only the devices asked for are shown."""
    devices = ["--device", "H100 SXM", "--device", "V100 SXM2"]
    found = data([*STEM, "--dtype", "float16", *devices], capsys)
    assert found["bytes_moved"] == costmodel.bytes_moved(
        "max_pool2d", (1, 64, 112, 112), 3, 2, dtype="float16"
    )
    assert [row["device"] for row in found["rooflines"]] == ["H100 SXM", "V100 SXM2"]
    best = costmodel.roofline("H100 SXM", "max_pool2d", (1, 64, 112, 112), 3, 2, dtype="float16")
    assert found["rooflines"][0] == best._asdict()


def test_the_data_is_strict_json(capsys: Any) -> None:
    """Infinity, and the NaN of an empty batch, are no numbers in JSON, and none is written."""
    line = ["lp_pool2d", "--input", "0x3x9x9", "--kernel-size", "2", "--norm-type", "inf"]
    code, out, _ = answer([*line, "--json", "-"], capsys)
    assert code == 0

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(out, parse_constant=refuse)
    assert (found["arguments"]["norm_type"], found["intensity"]) == ("inf", None)


def test_data_and_page_together(tmp_path: Path, capsys: Any) -> None:
    """With a file for the data, the page is still printed."""
    target = tmp_path / "cost.json"
    code, out, _ = answer([*STEM, "--json", str(target)], capsys)
    assert code == 0
    assert "1,548,800" in out
    assert json.loads(target.read_text())["flops"] == 1548800


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["max_pol2d", "--input", "3x9x9"], "no operator is called 'max_pol2d', "),
        (["MaxPool2d", "--input", "3x9x9"], "max_pool2d needs its argument --kernel-size; "),
        (["MaxPol2d", "--input", "3x9x9"], "no operator is called 'MaxPol2d', "),
        (["max_pool2d", "--kernel-size", "3"], "arguments are required: --input"),
        (["max_pool2d", "--input", "3x9x9"], "max_pool2d needs its argument --kernel-size; "),
        ([*STEM, "--padding", "2"], "--padding must be at most 1, half of --kernel-size 3, got 2"),
        ([*STEM, "--padding", "-1"], "--padding must be at least 0, got -1"),
        ([*STEM, "--output-size", "3"], "max_pool2d has no argument --output-size; Arguments: --k"),
        ([*STEM, "--dilation", "3x"], "argument --dilation: must be a number, or one per axis "),
        ([*STEM, "--dilation", "1x1x1"], "--dilation must have 1 or 2 entries, got 3: (1, 1, 1)"),
        ([*STEM, "--dilation", "1.5"], "--dilation must be an integer, got 1.5"),
        ([*STEM, "--dilation", "9" * 99], "argument --dilation: must have at most 30 digits"),
        ([*STEM, "--counting", "x"], "unknown --counting 'x'; countings: exact, window, mac"),
        ([*STEM, "--algorithm", "x"], "unknown --algorithm 'x'; algorithms: direct, separable"),
        ([*STEM, "--padding-convention", "x"], "unknown --padding-convention 'x'; conventions: "),
        ([*STEM, "--dtype", "float33"], "unknown dtype 'float33'; dtypes: float64, "),
        ([*STEM, "--device", "h100"], "unknown device 'h100'; did you mean 'H100 SXM'?"),
        ([*STEM, "--input", "3x9x9"], "--input may be given once for an operator, got 2"),
        (["max_pool2d", "--input", "9x9", "--kernel-size", "3"], "--input must have 3 or 4 "),
        (["max_pool2d", "--input", "1xCx9x9"], "argument --input: must be sizes such as 1x64x112"),
        ([*STEM, "--json", "/no/such/x"], "cannot write /no/such/x: there is no folder /no/such"),
        ([*STEM, "--plot", "/no/such/x.png"], "cannot write /no/such/x.png: there is no folder"),
        ([*STEM, "--plot", str(ROOT)], "--plot must end in .png, .svg, .pdf, got "),
        (["x:", "--input", "3x9x9"], "'x:' is no place of a module: write mymodule:MyPool"),
        (["no_such:net", "--input", "3x9x9"], "cannot import no_such: ModuleNotFoundError: "),
        (["no/such.py:Net", "--input", "3x9x9"], "there is no file no/such.py"),
    ],
)
def test_mistakes_are_one_line_and_exit_4(arguments: list[str], message: str, capsys: Any) -> None:
    """A user's mistake gets a message that names it in the user's spelling, and no traceback."""
    code, out, err = answer(arguments, capsys)
    assert (code, out) == (4, "")
    (line,) = err.splitlines()
    assert message in line
    assert line.startswith("python -m verify cost: ")


def test_files_are_refused_before_anything_is_counted(tmp_path: Path, capsys: Any) -> None:
    """A folder, and a folder without permission, are no files to write to."""
    folder = tmp_path / "x.png"
    folder.mkdir()
    code, _, err = answer(["no_such_operator", "--input", "1", "--plot", str(folder)], capsys)
    assert (code, err) == (4, f"python -m verify cost: cannot write {folder}: it is a folder\n")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_plot_writes_a_picture(ending: str, tmp_path: Path, capsys: Any) -> None:
    """The picture is in the format that its name says, and the page is printed as well."""
    target = tmp_path / f"cost.{ending}"
    code, out, err = answer([*STEM, "--plot", str(target)], capsys)
    assert (code, err) == (0, "")
    assert "1,548,800" in out
    beginning = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert target.read_bytes().startswith(beginning)


def test_nothing_to_plot(tmp_path: Path, capsys: Any) -> None:
    """A pooling of one element to one output has no picture."""
    line = ["adaptive_max_pool1d", "--input", "1x1", "--output-size", "1"]
    code, _, err = answer([*line, "--plot", str(tmp_path / "x.png")], capsys)
    assert code == 4
    assert "--plot: nothing of this layer can vary" in err


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    """``--plot`` says what to install; all else works."""
    monkeypatch.setattr("verify.commands.output.find_spec", lambda name: None)
    code, _, err = answer([*STEM, "--plot", str(tmp_path / "x.png")], capsys)
    assert code == 4
    assert err == (
        "python -m verify cost: --plot needs matplotlib: pip install 'poolproof[plot]'\n"
    )
    assert answer(STEM, capsys)[0] == 0


MODELS = """
print("a module that talks")
from torch import nn

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2))

class Two(nn.Module):
    def forward(self, a, b):
        return nn.functional.max_pool2d(a + b, 2)

class Holder:
    net = Net()

def make():
    print("a factory that talks")
    return Net()

def broken():
    raise KeyError("no such\\nkey")

def leaving():
    raise SystemExit(7)

def halved(x):
    return x / 2

number = 3
pool = nn.MaxPool2d
"""


@pytest.fixture
def models(tmp_path: Path, monkeypatch: Any) -> str:
    """A module of the user's in the current folder."""
    name = "models_of_a_user"
    (tmp_path / f"{name}.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


@pytest.mark.parametrize("attribute", ["Net", "make", "Holder.net"])
def test_a_model_by_its_import_path(attribute: str, models: str, capsys: Any) -> None:
    """A class, a factory and an instance; what they print is no part of the data."""
    line = [f"{models}:{attribute}", "--input", "1x3x32x32"]
    code, out, err = answer([*line, "--json", "-"], capsys)
    assert code == 0
    found = json.loads(out)
    assert [row["operator"] for row in found["rows"]] == ["convolution", "max_pool2d"]
    assert found["total"]["pooling_flops"] == costmodel.flops("max_pool2d", (1, 8, 32, 32), 2)
    assert "a module that talks" in err
    code, out, _ = answer(line, capsys)
    assert code == 0
    assert "pooling: 6,144 operations" in out


def test_a_model_is_shown_as_a_tree(models: str, capsys: Any) -> None:
    """As deep as asked, and with what devices can do with it."""
    line = [f"{models}:Net", "--input", "1x3x32x32"]
    code, out, _ = answer(line, capsys)
    assert code == 0
    tree = out.split("pooling:")[0].splitlines()
    assert [shown.split()[0] for shown in tree[2:] if shown.strip()] == ["Net", "0", "1"]
    code, out, _ = answer([*line, "--depth", "0", "--device", "NVIDIA H200"], capsys)
    tree = out.split("pooling:")[0].splitlines()
    assert [shown.split()[0] for shown in tree[2:] if shown.strip()] == ["Net"]
    assert "Net on H200 SXM in float32: at least " in out
    code, out, _ = answer([*line, "--device", "H100 SXM", "--json", "-"], capsys)
    (roofline,) = json.loads(out)["rooflines"]
    assert (roofline["device"], roofline["bound"]) == ("H100 SXM", "memory")


def test_a_picture_of_a_model(models: str, tmp_path: Path, capsys: Any) -> None:
    """Two devices where none are named."""
    picture = tmp_path / "model.png"
    line = [f"{models}:Net", "--input", "1x3x32x32", "--plot", str(picture)]
    assert answer(line, capsys)[0] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_total_that_is_complete(capsys: Any) -> None:
    """With what only stated formulas speak of nothing is left uncounted."""
    line = ["torch.nn:ReLU", "--input", "1x3x32x32"]
    plain, whole = (answer([*line, *more], capsys)[1] for more in ([], ["--elementwise"]))
    assert "not counted: " in plain and "not counted: " not in whole


@pytest.mark.parametrize("option", [["--depth", "1"], ["--html", "pages"], ["--elementwise"]])
def test_options_of_models(option: list[str], capsys: Any) -> None:
    """They say nothing of an operator."""
    line = ["max_pool2d", "--input", "1x3x32x32", "--kernel-size", "2", *option]
    code, _, err = answer(line, capsys)
    assert code == 4 and f"{option[0]} is for a model, not for an operator" in err


@pytest.mark.parametrize("place", ["{0}.py:Net", "./{0}.py:Net", "{0}.py:make"])
def test_a_model_by_its_file(place: str, models: str, capsys: Any) -> None:
    """A path, as `equivalent` takes it, is the same model as the import path."""
    shape = ["--input", "1x3x32x32", "--json", "-"]
    code, out, _ = answer([place.format(models), *shape], capsys)
    assert code == 0
    assert json.loads(out) == json.loads(answer([f"{models}:Net", *shape], capsys)[1])


@pytest.mark.parametrize("attribute", ["Nett", "broken", "number", "pool"])
def test_messages_are_those_of_equivalent(attribute: str, models: str, capsys: Any) -> None:
    """The two commands refuse a place in the same words."""
    place = f"{models}.py:{attribute}"
    _, _, err = answer([place, "--input", "1x3x8x8"], capsys)
    refused = err.splitlines()[-1].removeprefix("python -m verify cost: ")
    assert cli.main(["equivalent", "torch.nn:ReLU", place, "--input", "1x3x8x8"]) == 4
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"the reference: {refused}")


def test_a_model_of_two_inputs(models: str, capsys: Any) -> None:
    """``--input`` is given once for each."""
    line = [f"{models}:Two", "--input", "1x3x8x8", "--input", "1x3x8x8", "--json", "-"]
    code, out, _ = answer(line, capsys)
    assert code == 0
    assert json.loads(out)["inputs"] == [[1, 3, 8, 8]] * 2


@pytest.mark.parametrize(
    ("attribute", "options", "message"),
    [
        ("broken", [], "cannot make broken: KeyError: "),
        ("leaving", [], "SystemExit"),
        ("pool", [], "pool needs kernel_size: give them in parentheses, pool(kernel_size=…)"),
        ("number", [], "number is no module and no function, it is 3"),
        ("halved", [], "halved is no torch.nn.Module, but of type function"),
        ("Nett", [], "has no 'Nett'; did you mean Net?"),
        ("Two", [], "Two cannot be counted: "),
        ("Net", ["--dtype", "int8"], "dtype must be a floating-point dtype "),
        ("Net", ["--kernel-size", "3"], "--kernel-size is for an operator, not for a model"),
        ("Net", ["--no-ceil-mode"], "--ceil-mode is for an operator, not for a model"),
        (
            "Net",
            ["--device", "H101 SXM"],
            "Net has no roofline: ValueError: unknown device 'H101 SXM'; did you mean 'H100 SXM'?",
        ),
        ("Net", ["--depth", "-1"], "depth must be at least 0, got -1"),
    ],
)
def test_what_a_model_does_wrong_is_one_line(
    attribute: str, options: list[str], message: str, models: str, capsys: Any
) -> None:
    """Exit 4, whatever the user's code raises."""
    code, out, err = answer([f"{models}:{attribute}", "--input", "1x3x8x8", *options], capsys)
    assert (code, out) == (4, "")
    *talk, last = err.splitlines()
    assert last.startswith("python -m verify cost: ")
    assert message in last
    assert set(talk) <= {"a module that talks", "a factory that talks"}


def test_help_names_all_and_loads_little() -> None:
    """Every operator and option stands in the help, for which no heavy library is loaded."""
    code = (
        "import sys; from verify import cli\n"
        "try: cli.main(['cost', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'sympy', 'numpy', 'matplotlib', 'z3'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    for operator in costmodel.operators():
        found = re.fullmatch(r"(.*)(\d)d(?:_backward)?", operator)
        assert found is not None
        # One number of axes stands as it is, several in braces.
        several = rf"{{(?=\d,)[\d,]*{found[2]}[\d,]*}}"
        assert re.search(rf"\b{found[1]}({found[2]}|{several})d\b", result.stdout), operator
        for name in parameters(operator):
            assert f"--{name.replace('_', '-')}" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
