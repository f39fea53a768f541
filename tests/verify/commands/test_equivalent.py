"""``verify equivalent`` as its users meet it: pages, tables, reports, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from verify import cli

CODE = """
import torch
import torch.nn.functional as F
class Right(torch.nn.Module):
    def forward(self, x):
        print("noise")
        a, b = x[..., ::2], x[..., 1::2]
        return F.relu(a - b) + b
def wrong(x):
    return x[..., 1::2]
def looks(x):
    return x if x.sum() > 0 else x
def casts(x):
    return F.max_pool1d(x.float(), 2)
class Counts(torch.nn.Module):
    calls = 0
    def forward(self, x):
        self.calls += 1
        return F.max_pool1d(x, 2) if self.calls < 100 else F.avg_pool1d(x, 2)
def leaves(x):
    raise SystemExit(0)
def crashes(x):
    import os
    os._exit(7)
def stays(x):
    while True:
        pass
def pool2d(X, pool_size, mode="max"):
    p, q = pool_size
    Y = torch.zeros((X.shape[0] - p + 1, X.shape[1] - q + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i : i + p, j : j + q]
            Y[i, j] = window.max() if mode == "max" else window.mean()
    return Y
class Sized(torch.nn.Module):
    def __init__(self, size, stride=1):
        super().__init__()
        self.size, self.stride = size, stride
    def forward(self, x):
        return x.unfold(-1, self.size, self.stride).amax(-1)
def larger(x, y):
    return torch.where(x > y, x, y)
def relu_of(x, y):
    return F.relu(x - y) + y
def carried(x):
    a, b = x[..., ::2], x[..., 1::2]
    return F.relu(b - a) + a
"""
KERNELBENCH = """
import torch
class Model(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.pool = torch.nn.MaxPool1d(size)
    def forward(self, x):
        return self.pool(x)
ModelNew = Model
def get_inputs():
    return [torch.rand(1, 2, 6)]
def get_init_inputs():
    return [3]
"""
POOLING = "max_pool1d(kernel_size=2)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the answers of a class into the current folder."""
    (tmp_path / "answers.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    names = tuple(dict.fromkeys((*cli.COMMANDS, "equivalent")))
    monkeypatch.setattr(cli, "COMMANDS", names)
    return tmp_path


def judge(*arguments: str) -> int:
    """Run the command."""
    try:
        return cli.main(["equivalent", *arguments])
    except SystemExit as exit_:
        return int(str(exit_.code))


def test_a_right_answer(capsys: Any) -> None:
    """Exit 0 and the statement that was proved."""
    assert judge("answers.py:Right", POOLING, "--input", "1x1x4") == 0
    out, err = capsys.readouterr()
    assert f"answers.py:Right = {POOLING} for every real input of shape (1, 1, 4)" in out
    assert "PROVED_BOUNDED  2 outputs, 1 kind of window; proved by normal form" in out
    assert err == ""


def test_a_wrong_answer_is_drawn(capsys: Any) -> None:
    """Exit 1, the input, and both outputs with the place where they differ."""
    assert judge("answers.py:wrong", POOLING, "--input", "1x1x4") == 1
    out = capsys.readouterr().out
    assert "REFUTED  -1 instead of 0 at output [0, 0, 0]" in out
    assert "     0 -1  0  0\n" in out
    assert "[-1]" in out
    assert "reference: 0 there" in out
    assert "run in float32" in out


def test_a_class_is_graded_in_one_call(folder: Path, capsys: Any) -> None:
    """A row each, JSON, JUnit: right, wrong, broken and missing; a missing one makes it exit 4."""
    places = [f"answers.py:{name}" for name in ("Right", "wrong", "leaves", "nobody")]
    code = judge(*places, POOLING, "--input", "1x1x4", "--json", "out.json", "--junit", "out.xml")
    assert code == 4
    out, err = capsys.readouterr()
    assert "1 of 4 proved" in out
    assert "NOT_JUDGED" in out
    assert out.endswith(
        "an input on which it fails: python -m verify equivalent answers.py:wrong "
        "'max_pool1d(kernel_size=2)' --input 1x1x4\n"
    )
    assert err == "python -m verify equivalent: answers.py:nobody: answers.py has no 'nobody'\n"
    report = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    words = [m["verdict"] for m in report["modules"]]
    assert words == ["PROVED_BOUNDED", "REFUTED", "NOT_JUDGED", "MISSING"]
    assert report["exit_code"] == 4
    assert "sizes: (1, 1, 4) only" in report["modules"][0]["footprint"]
    suite = ElementTree.fromstring((folder / "out.xml").read_text(encoding="utf-8"))
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["4", "1", "2"]
    assert "    [-1]" in (suite[1][0].text or "")


def test_a_pattern_is_one_module_of_each_file(folder: Path, capsys: Any) -> None:
    """In the order of their names; a file without the name is missing, and so is no file at all."""
    (folder / "class").mkdir()
    texts = {
        "a": "import torch\ndef pool(x):\n    return torch.nn.functional.max_pool1d(x, 2)",
        "b": "def pool(x):\n    return x[..., :1].clone()",
        "c": "def pol(x):\n    return x",
    }
    for name, text in texts.items():
        (folder / "class" / f"{name}.py").write_text(text, encoding="utf-8")
    code = judge("class/*.py:pool", POOLING, "--input", "1x1x2", "--json", "out.json", "--no-why")
    assert code == 4
    report = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert [(m["module"], m["verdict"]) for m in report["modules"]] == [
        ("class/a.py:pool", "PROVED_BOUNDED"), ("class/b.py:pool", "REFUTED"),
        ("class/c.py:pool", "MISSING"),
    ]  # fmt: skip
    assert "did you mean pol?" in capsys.readouterr().err
    assert judge("nobody/*.py:pool", POOLING, "--input", "1x1x2") == 4
    assert "there is no file nobody/*.py" in capsys.readouterr().err


def test_casts_and_state_are_judged_and_refused(capsys: Any) -> None:
    """A cast to the input's own dtype is none; counted calls and an exit end only one module."""
    places = [f"answers.py:{name}" for name in ("Counts", "leaves", "looks", "casts")]
    assert judge(*places, POOLING, "--input", "1x1x4") == 1
    out = capsys.readouterr().out
    assert "1 of 4 proved" in out
    assert "appeared while" in out
    assert "SystemExit: 0" in out


def test_what_ends_the_process_ends_one_row(capsys: Any) -> None:
    """A module that leaves, and one that never comes back: both are named, the rest is judged."""
    places = [f"answers.py:{name}" for name in ("crashes", "stays", "Right")]
    assert judge(*places, POOLING, "--input", "1x1x4", "--timeout", "3") == 1
    words = " ".join(capsys.readouterr().out.split())
    assert "1 of 3 proved" in words
    assert "process (exit" in words
    assert "UNKNOWN" in words


def test_places_take_arguments(capsys: Any) -> None:
    """Classes, functions with further arguments, and input without batch and channel axes."""
    assert judge("answers.py:Sized(2, stride=2)", POOLING, "--input", "1x1x4") == 0
    assert judge("answers.py:pool2d(pool_size=(2, 2))", "max_pool2d(2, 1)", "--input", "4x4") == 0
    assert judge("answers.py:pool2d((2, 2), 'avg')", "avg_pool2d(2, 1)", "--input", "4x4") == 0
    assert judge("answers.py:pool2d((2, 2), 'avg')", "max_pool2d(2, 1)", "--input", "4x4") == 1
    capsys.readouterr()
    assert judge("answers.py:Sized(strid=2)", POOLING, "--input", "1x1x4") == 4
    assert "Sized takes no argument 'strid'; did you mean stride?" in capsys.readouterr().err
    assert judge("answers.py:Sized", POOLING, "--input", "1x1x4") == 4
    assert "Sized needs size" in capsys.readouterr().err


def test_a_size_beyond_the_memory_is_refused_in_a_line(capsys: Any) -> None:
    """Before anything of it is made, with the limit."""
    assert judge("answers.py:Right", "max_pool1d(2)", "--input", "1x64x10000000") == 1
    assert (
        "NOT_JUDGED  an input of 640,000,000 elements is larger than the 67,108,864 that are judged"
        in capsys.readouterr().out
    )


def test_places_may_stand_behind_options(capsys: Any) -> None:
    """The last place is the reference, wherever it stands; what is no place is a mistake."""
    places = ["answers.py:Right", "answers.py:wrong"]
    assert judge(*places, "--input", "1x1x4", "max_pool1d(2)") == 1
    assert "1 of 2 proved" in capsys.readouterr().out
    assert judge("answers.py:Right", "max_pool1d(2)", "--inputs", "1x1x4") == 4
    assert "unrecognized arguments: --inputs 1x1x4" in capsys.readouterr().err


def test_several_inputs(capsys: Any) -> None:
    """One --input for each tensor."""
    sizes = ("--input", "2x2", "--input", "2x2")
    assert judge("answers.py:relu_of", "answers.py:larger", *sizes) == 0
    assert "input shape ((2, 2), (2, 2))"[6:] in capsys.readouterr().out


def test_kernelbench(folder: Path, capsys: Any) -> None:
    """Files by KernelBench's convention; the shape is that of its inputs."""
    (folder / "reference.py").write_text(KERNELBENCH, encoding="utf-8")
    (folder / "answer.py").write_text(KERNELBENCH.replace("Max", "Avg"), encoding="utf-8")
    assert judge("reference.py", "reference.py", "--kernelbench") == 0
    assert judge("answer.py", "reference.py", "--kernelbench") == 1
    assert "shape (1, 2, 6)" in capsys.readouterr().out


def test_json_alone_on_standard_output(capsys: Any) -> None:
    """Nothing but JSON, whatever the module prints; the reference may be a module."""
    code = judge("answers.py:wrong", "answers.py:Right", "--input", "1x1x2", "--system", "int8",
                 "--engine", "z3", "--json", "-")  # fmt: skip
    assert code == 1
    (found,) = json.loads(capsys.readouterr().out)["modules"]
    assert found["verdict"] == "REFUTED"
    assert found["system"] == "int8"


def test_gradients_are_judged_as_well(folder: Path, capsys: Any) -> None:
    """Outputs are proved and a gradient is not: both words, both inputs, in every report."""
    asked = (POOLING, "--input", "1x1x4", "--backward")
    assert judge("answers.py:carried", *asked) == 0
    out = capsys.readouterr().out
    assert "outputs and gradients, for every real input of shape (1, 1, 4)" in out
    assert "gradients: of the reference, those of torch's own max_pool1d" in out
    reports = ("--json", "g.json", "--junit", "g.xml", "--html", "pages")
    assert judge("answers.py:Right", *asked, *reports) == 1
    out = capsys.readouterr().out
    assert "REFUTED  outputs: PROVED_BOUNDED, 2 outputs" in out
    assert "gradients: REFUTED, 0 instead of 1 at [0, 0, 0]" in out
    assert "  input\n" in out
    assert "  gradient of the output\n" in out
    (found,) = json.loads((folder / "g.json").read_text(encoding="utf-8"))["modules"]
    assert (found["verdict"], found["outputs"]["verdict"]) == ("REFUTED", "PROVED_BOUNDED")
    assert found["counterexample"]["gradient_of_output"] == [[[1.0, 0.0]]]
    suite = ElementTree.fromstring((folder / "g.xml").read_text(encoding="utf-8"))
    assert "gradient of the output" in (suite[0][0].text or "")
    page = (folder / "pages" / "answers" / "1.html").read_text(encoding="utf-8")
    assert "<h2>Gradient of the output</h2>" in page
    assert "0 instead of 1" in page
    assert judge("answers.py:Right", "answers.py:carried", *asked) == 1
    out = capsys.readouterr().out
    assert out.endswith("--input 1x1x4 --backward\n")


def test_letters_are_sizes_left_open(capsys: Any) -> None:
    """All sizes are open without --input; equal letters are equal sizes, numbers stay fixed."""
    assert judge("answers.py:Sized(3)", "max_pool1d(3, stride=1)") == 0
    out = capsys.readouterr().out
    assert "for every real input of shape N×C×W\n  PROVED  " in out
    assert judge("answers.py:Right", POOLING, "--input", "2xCxW", "--json", "-") == 1
    (found,) = json.loads(capsys.readouterr().out)["modules"]
    assert found["bound"] == "input shape 2×C×W"
    assert found["reason"].startswith("at 2×1×3: ")
    assert judge("answers.py:looks", "answers.py:looks", "--input", "NxN") == 1
    assert "sizes up to 24×24 judged; not more: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("answers.py:Right", "max_pol1d(2)", "--input", "1x1x4"),
         "the reference: unknown pooling 'max_pol1d'; did you mean 'max_pool1d'?"),
        (("answers.py:Right", "max_pool2d(2)", "--input", "4"), "must have 2 to 4 axes, got 1"),
        (("answers.py:Right", POOLING, "--input", "1x0"), "must be sizes such as 1x2x7x7"),
        (("answers.py:Right", "avg_pool1d(2)", "--input", "1x1x4", "--system", "float16"),
         "the reference: avg_pool1d(2) has no one value in float16"),
        (("answers.py:Right", "answers.py:Right"),
         "the following arguments are required: --input"),
        (("answers.py:Right", POOLING, "--input", "Nx0xW"), "or letters for open ones, NxCxHxW"),
        (("answers.py:Right", POOLING, "--input", "1x1x4", "--system", "flot16"),
         "--system 'flot16' is not one of real"),
        (("answers.py:Right", POOLING, "--input", "1x1x4", "--engine", "z4"),
         "--engine 'z4' is not one of bitwuzla, cvc5"),
        (("answers.py:Rigth", POOLING, "--input", "1x1x4"), "did you mean Right?"),
        (("answers.py:Right", "nowhere:X", "--input", "1x1x4"), "the reference: cannot import"),
        (("answers.py:Right", POOLING, "--backward"), "--backward needs an input_shape of numbers"),
        (("answers.py:Right", POOLING, "--between", "0", "1", "--system", "float16", "--plot",
          "x.svg"), "--plot takes an --input of numbers"),
        (("answers.py:Right", POOLING, "--input", "1x1x4", "--backward", "--system", "int8"),
         "--backward needs a system with gradients, real or a float, got int8"),
        (("answers.py:Right", POOLING, "--input", "1x1x4", "--backward", "--between", "0", "1",
          "--system", "float32"), "--backward is not judged between bounds"),
        (("answers.py:Right", "max_pool1d(2, padding_convention='same')", "--input", "1x1x4",
          "--backward"), "the reference: max_pool1d(2, padding_convention='same') is trained by"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_and_exit_4(
    arguments: tuple[str, ...], message: str, capsys: Any
) -> None:
    """A user's mistake is named, without a traceback."""
    assert judge(*arguments) == 4
    out, err = capsys.readouterr()
    assert message in err
    assert "Traceback" not in err
    assert out == ""


def test_within_a_tolerance(capsys: Any, tmp_path: Path) -> None:
    """Exit 0, the bound, the worst input, the tolerance for a test; the same in both reports."""
    asked = ("answers.py:Right", POOLING, "--input", "1x1x2", "--system", "float16")
    reports = ("--json", str(tmp_path / "r.json"), "--junit", str(tmp_path / "r.xml"))
    assert judge(*asked, "--between", "-1", "1", *reports) == 0
    out, _ = capsys.readouterr()
    assert "WITHIN  within 0.0007324, 0.75 ulp of the larger end; worst found 0.0004883" in out
    assert "0.0004883 apart; the bound is 1.5 times that" in out
    assert "in a test: rtol=0, atol=0.000732421875" in out
    (found,) = json.loads((tmp_path / "r.json").read_text())["modules"]
    assert (found["verdict"], found["tolerance"]["within"]) == ("WITHIN", 0.000732421875)
    assert found["tolerance"]["worst"]["error"] == 2**-11
    tree = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert tree.find(".//failure") is tree.find(".//error") is None
    assert judge(*asked, "--between", "-65504", "65504") == 1
    assert "REFUTED  inf instead of" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--executed"], "--executed needs --between: the range of the inputs"),
        (["--plot", "merge.png"], "--plot takes one MODULE, and --between"),
        (["--between", "1", "-1"], "--between must be a lower and an upper end, got (1.0, -1.0)"),
        (["--between", "0", "1", "--system", "int8"], "needs a system of float16, bfloat16"),
        (["--between", "0", "1", "--between", "0", "1"], "must have one range or 1, got 2"),
    ],
)
def test_ranges_that_are_none(arguments: list[str], message: str, capsys: Any) -> None:
    """Exit 4, and what is wrong with it."""
    system = [] if "--system" in arguments else ["--system", "float16"]
    assert judge("answers.py:Right", POOLING, "--input", "1x1x2", *arguments, *system) == 4
    assert message in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_full_disk_is_one_line_and_the_page_is_shown(option: str, capsys: Any) -> None:
    """What was found is not lost with the file."""
    arguments = ["equivalent", "answers.py:wrong", "max_pool1d(2)", "--input", "1x1x4"]
    assert cli.main([*arguments, option, "/dev/full"]) == 4
    out, err = capsys.readouterr()
    assert "REFUTED" in out
    assert "module: " in out
    assert err == "python -m verify equivalent: cannot write /dev/full: no space left on device\n"
