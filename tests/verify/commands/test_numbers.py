"""``python -m verify numbers`` as its users meet it."""

from __future__ import annotations

import json
import socket
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.verify.commands.command_line import answered
from verify.commands import numbers, output

ROOT = Path(__file__).parents[3]


answer = partial(answered, "numbers")


def test_the_table(capsys: Any) -> None:
    """All forms with their figures, the pairs that attain them, and advice; a quiet stderr."""
    code, out, err = answer(["float8_e5m2"], capsys)
    assert (code, err) == (0, "")
    assert "EXHAUSTED: all 61,504 pairs of finite numbers" in out
    line = next(line for line in out.splitlines() if line.strip().startswith("difference "))
    assert line.split() == ["difference", "23.62", "%", "0.75", "%", "61", "0", "7", "1", "1"]
    assert "  overflows: a = 4096.0, b = -57344.0 gives inf for 4096.0" in out
    assert "inputs that are not negative: wide is always right" in out


def test_json(capsys: Any, tmp_path: Path) -> None:
    """Data alone on standard output, or beside the table in a file: the same data."""
    code, out, err = answer(["float8_e4m3fn", "--json", "-"], capsys)
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert data["schema"] == 1 and next(iter(data["forms"])) == "difference"
    assert data["forms"]["difference"]["finite"]["pairs"] == 64516
    assert data["forms"]["wide"]["finite"]["exact"] == 64516
    file = tmp_path / "numbers.json"
    code, out, _ = answer(["float8_e4m3fn", "--json", str(file), "-j", "1"], capsys)
    assert code == 0 and out.startswith("max(a, b) in float8_e4m3fn\n")
    assert json.loads(file.read_text("utf-8")) == data


def test_a_device_of_torchs(capsys: Any) -> None:
    """The same figures by torch's own arithmetic."""
    ours = answer(["float8_e5m2", "--json", "-"], capsys)
    assert answer(["float8_e5m2", "--json", "-", "--device", "cpu"], capsys) == ours


def test_plot(capsys: Any, tmp_path: Path) -> None:
    """A picture is written beside the table."""
    file = tmp_path / "plane.png"
    code, out, _ = answer(["float8_e5m2", "--plot", str(file)], capsys)
    assert code == 0 and "difference" in out
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_sample_is_tested(capsys: Any) -> None:
    """float64 says TESTED and its seed, and has no wider form."""
    code, out, _ = answer(["float64", "--seed", "7", "--json", "-"], capsys)
    data = json.loads(out)
    assert code == 0
    assert list(data["forms"]) == ["difference", "mirror", "three-relus", "distance", "halves"]
    assert {m["verdict"] for m in data["forms"].values()} == {"TESTED"}
    assert {m["seed"] for m in data["forms"].values()} == {7}


def closed_port() -> int:
    """Return a port at which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["float15"], "FORMAT 'float15' is not one of float8_e4m3fn, float8_e5m2, float16, "),
        (["int8"], "FORMAT 'int8' is not one of "),
        (["bfloat61"], "; did you mean bfloat16?"),
        (["float8_e5m2", "--plot", "x.bmp"], "--plot must end in .png, .svg, .pdf, got 'x.bmp'"),
        (["float8_e5m2", "--plot", "none/x.png"], "there is no folder none"),
        (["float8_e5m2", "--json", "none/x.json"], "there is no folder none"),
        (["float8_e5m2", "--json", "."], "cannot write .: it is a folder"),
        (["float8_e5m2", "-j", "0"], "must be a whole number from 1 on, got '0'"),
        (["float8_e5m2", "--seed", "-1"], "must be a whole number from 0 on, got '-1'"),
        (["float8_e5m2", "--device", "tpu"], "invalid choice: 'tpu'"),
        (["float8_e5m2", "--device", "cpu", "--dask", "tcp://x:1"], "exclude each other"),
        (["float8_e5m2", "--dask", "nonsense://x"], "--dask: "),
        ([], "the following arguments are required: FORMAT"),
    ],
    ids=str,
)
def test_mistakes_are_one_line(arguments: list[str], message: str, capsys: Any) -> None:
    """Exit code 4, what is wrong, and no traceback."""
    code, out, err = answer(arguments, capsys)
    assert (code, out) == (4, "")
    (line,) = err.splitlines()
    assert message in line


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Asked for a GPU where there is none, it says so at once."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    code, out, err = answer(["float16", "--device", "cuda"], capsys)
    assert (code, out) == (4, "")
    assert err == (
        "python -m verify numbers: --device cuda needs a GPU, and torch finds none here\n"
    )


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [(output, ["--plot", "x.png"]), (numbers, ["--dask", "tcp://127.0.0.1:1"])],
    ids=["matplotlib", "distributed"],
)
def test_without_an_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, asked: ModuleType, arguments: list[str]
) -> None:
    """What to install is said."""
    monkeypatch.setattr(asked, "find_spec", lambda name: None)
    code, _, err = answer(["float8_e5m2", *arguments], capsys)
    assert code == 4 and "pip install 'poolproof[" in err and len(err.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_no_scheduler_answers(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """One line, after a while."""
    monkeypatch.setattr(numbers, "_PATIENCE", "1s")
    address = f"tcp://127.0.0.1:{closed_port()}"
    code, _, err = answer(["float8_e5m2", "--dask", address], capsys)
    assert code == 4
    assert f"--dask: no scheduler answers at '{address}'" in err.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_on_a_cluster(capsys: Any) -> None:
    """The same figures, computed by the workers of a Dask cluster."""
    distributed: Any = pytest.importorskip("distributed")
    ours = answer(["float8_e5m2", "--json", "-"], capsys)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        code, out, _ = answer(["float8_e5m2", "--json", "-", "--dask", address], capsys)
    assert (code, out) == ours[:2]
