"""``python -m verify profiler`` as its users meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import costmodel
from verify import cli
from verify.measure import measuring
from verify.measure.finding import ERROR, Finding
from verify.measure.layers import LAYERS
from verify.measure.notes import Timing

ROOT = Path(__file__).parents[3]

#: A maximum and an average with padding and overhang stand for the table.
FEW = [layer for layer in LAYERS if layer.name in ("padding and overhang", "mean with overhang")]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at few layers."""
    monkeypatch.setattr(measuring, "torch_findings", partial(measuring.torch_findings, layers=FEW))


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find no GPU, also where there is one."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


@pytest.mark.usefixtures("few")
def test_the_report(capsys: Any, tmp_path: Path) -> None:
    """A line for each check and tool, exit 0; the same as data."""
    file = tmp_path / "report.json"
    assert cli.main(["profiler", "--device", "cpu", "--json", str(file)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    line = next(line for line in out.splitlines() if line.startswith("native, our formulas"))
    assert line.split()[3:] == ["FlopCounterMode", "2", "0", "0", "0"]
    assert out.endswith("0 DIFFERS, 0 SKIPPED, 0 ERROR\n")
    report = json.loads(file.read_text(encoding="utf-8"))
    assert (report["schema"], report["exit_code"], report["device"]) == (1, 0, "cpu")
    assert {finding["status"] for finding in report["findings"]} == {"EQUAL"}
    assert report["traffic"] == report["kernels"] == report["timings"] == []


@pytest.mark.usefixtures("few")
def test_json_alone_on_standard_output(capsys: Any) -> None:
    """``-`` puts nothing but JSON there; ``cpu`` is the default."""
    assert cli.main(["profiler", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["device"] == "cpu"


@pytest.mark.usefixtures("few")
def test_a_wrong_cost_model_is_exit_1(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The page shows what was predicted and what was counted."""
    right = costmodel.flops
    monkeypatch.setattr(costmodel, "flops", lambda *args, **kwargs: right(*args, **kwargs) + 1)
    assert cli.main(["profiler"]) == 1
    out = capsys.readouterr().out
    assert "DIFFERS  native, our formulas by FlopCounterMode, padding and overhang: " in out
    assert "    predicted " in out


@pytest.mark.usefixtures("few")
def test_a_silent_profiler_is_exit_3(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Never a zero and never a pass."""
    monkeypatch.setattr("torch.profiler.profile.events", lambda self: [])
    assert cli.main(["profiler"]) == 3
    assert "torch.profiler returned no events" in capsys.readouterr().out


@pytest.mark.usefixtures("no_gpu")
def test_without_a_gpu(capsys: Any, tmp_path: Path) -> None:
    """SKIPPED with the reason; a failure if it was required; and no record of nothing."""
    assert cli.main(["profiler", "--device", "cuda"]) == 0
    out = capsys.readouterr().out
    assert "SKIPPED  16 checks: torch " in out
    assert out.endswith("0 EQUAL, 0 DIFFERS, 16 SKIPPED, 0 ERROR: nothing was compared\n")
    assert cli.main(["profiler", "--device", "cuda", "--require", "cuda", "--timing"]) == 1
    capsys.readouterr()
    file = tmp_path / "gpu.json"
    assert cli.main(["profiler", "--device", "cuda", "--record", str(file)]) == 1
    assert capsys.readouterr().err.endswith("nothing recorded: a record needs counts\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few")
def test_the_record(tmp_path: Path, capsys: Any) -> None:
    """It is whole, names the command that made it, and agrees with the formulas."""
    from verify.measure.record import deviations

    file = tmp_path / "cpu.json"
    assert cli.main(["profiler", "--record", str(file)]) == 0
    assert list(tmp_path.iterdir()) == [file]
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["command"] == f"python -m verify profiler --device cpu --record {file}"
    assert list(deviations(record)) == []


def test_a_broken_run_leaves_no_record_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    """The exit code is that of the run, and what was found is in a file beside the record."""
    broken = [Finding("launch", "torch.profiler", None, ERROR, reason="it broke")]
    monkeypatch.setattr(measuring, "torch_findings", lambda device: broken)
    assert cli.main(["profiler", "--record", str(tmp_path / "cpu.json")]) == 3
    (partial,) = tmp_path.iterdir()
    assert partial.name == "cpu.partial.json"
    found = json.loads(partial.read_text(encoding="utf-8"))
    assert [finding["reason"] for finding in found["findings"]] == ["it broke"]
    said = "nothing recorded: a record needs counts; what was found"
    assert f"{said} is in {partial}" in capsys.readouterr().err


@pytest.mark.usefixtures("few")
def test_a_run_that_is_stopped_leaves_what_it_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    """Counts, kernels and the times up to then are in the file already."""
    from verify.measure import hardware, notes, timing

    def count(device: str, notes: notes.Notes, **kwargs: Any) -> Any:
        notes.ncu_output = "as it came"
        return []

    def stop(device: str) -> Any:
        yield Timing("copy", (1,), "copy", 0.001)
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "kernels_seen", lambda device: [notes.KernelSeen("x", "ncu")])
    monkeypatch.setattr(hardware, "hardware_findings", count)
    monkeypatch.setattr(timing, "timings", stop)
    assert cli.main(["profiler", "--timing", "--record", str(tmp_path / "gpu.json")]) == 2
    (partial,) = tmp_path.iterdir()
    found = json.loads(partial.read_text(encoding="utf-8"))
    assert {finding["status"] for finding in found["findings"]} == {"EQUAL"}
    assert (found["kernels"], found["ncu_output"]) == (
        [{"layer": "x", "tool": "ncu"}],
        "as it came",
    )
    assert [row["layer"] for row in found["timings"]] == ["copy"]


@pytest.mark.usefixtures("few")
def test_the_record_is_written_before_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So that it is there even if nobody reads the page to its end."""
    from verify.display import profiler as display

    def stop(*arguments: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(display, "page", stop)
    assert cli.main(["profiler", "--record", str(tmp_path / "cpu.json")]) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["cpu.json"]


@pytest.mark.usefixtures("few")
def test_hardware_is_asked_first_and_shown_last(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Torch's profiler begins when ncu is done; the page keeps the order of the checks."""
    from verify.measure import hardware

    log: list[str] = []
    of_torch = measuring.torch_findings

    def watched(device: str) -> Any:
        log.append("torch")
        return of_torch(device)

    def counted(device: str, **kwargs: Any) -> Any:
        log.append("hardware")
        return [Finding("instructions", "ncu", FEW[0], "EQUAL", {}, {})]

    monkeypatch.setattr(measuring, "torch_findings", watched)
    monkeypatch.setattr(hardware, "hardware_findings", counted)
    assert cli.main(["profiler"]) == 0
    assert log == ["hardware", "hardware", "torch"]
    checks = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert checks.index("instructions") > checks.index("native, our formulas")


@pytest.mark.usefixtures("few")
def test_times_are_shown_beside_the_counts(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """On request only."""
    from verify.measure import timing

    rows = [Timing("stem", (1, 2), "native", 0.001, 1e9, 0.5, 1.0)]
    monkeypatch.setattr(timing, "timings", lambda device: rows)
    assert cli.main(["profiler"]) == 0
    assert "% of copy" not in capsys.readouterr().out
    assert cli.main(["profiler", "--timing"]) == 0
    assert "stem  native" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "tpu"], "argument --device: invalid choice: 'tpu'"),
        (["--require", "cuda"], "--require cuda needs --device cuda"),
        (["--record", "-"], "--record needs the name of a file"),
        (["--record", "/no/such/folder/x"], "cannot write /no/such/folder/x: there is no folder"),
        (["--json", str(ROOT)], "it is a folder"),
    ],
)
def test_mistakes_are_one_line_and_exit_4(arguments: list[str], message: str, capsys: Any) -> None:
    """Before anything is run."""
    try:
        code = cli.main(["profiler", *arguments])
    except SystemExit as exit_:
        code = int(str(exit_.code))
    out, err = capsys.readouterr()
    assert (code, out) == (4, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_only_torch_is_needed(tmp_path: Path) -> None:
    """With everything else that this package installs out of reach, the whole command still runs.

    With times and a record, from the repository's root, and the sweep among the times, which
    needs NumPy. SymPy is what torch itself needs.
    """
    code = (
        "import sys\n"
        "missing = ('z3', 'cvc5', 'bitwuzla', 'hypothesis', 'rich', 'llvmlite', 'numba',\n"
        "           'matplotlib', 'pytest', 'jax', 'onnx', 'transformers')\n"
        "sys.modules.update(dict.fromkeys(missing))\n"
        "from functools import partial\n"
        "from verify.measure import measuring, layers, timing\n"
        "few = [layer for layer in layers.LAYERS if layer.name.endswith('with overhang')]\n"
        "few += [layer for layer in layers.LAYERS if layer.name == 'padding and overhang']\n"
        "measuring.torch_findings = partial(measuring.torch_findings, layers=few)\n"
        "timing.timings = partial(timing.timings, layers=[])\n"
        "timing._ROWS['cpu'] = 1\n"
        "from verify.cli import main\n"
        "code = main(['profiler', '--timing', '--record', sys.argv[1]])\n"
        "print(code, 'torch' in sys.modules)\n"
    )
    file = tmp_path / "cpu.json"
    shown = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert shown.stdout.endswith("0 True\n")
    copy, swept = json.loads(file.read_text(encoding="utf-8"))["timings"]
    assert copy["variant"] == "copy" and swept["pairs"] == 65536


def test_from_a_partial_file(tmp_path: Path, capsys: Any) -> None:
    """It needs a place for the record, and such a file; both mistakes are exit 4."""
    partial = tmp_path / "x.partial.json"
    assert cli.main(["profiler", "--from", str(partial)]) == 4
    assert "--from needs --record FILE, which it writes" in capsys.readouterr().err
    line = ["profiler", "--from", str(partial), "--record", str(tmp_path / "x.json")]
    assert cli.main(line) == 4
    assert f"cannot read {partial}: No such file or directory" in capsys.readouterr().err
    partial.write_text("[]")
    assert cli.main(line) == 4
    assert f"{partial} is no partial file: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [partial]


@pytest.mark.usefixtures("few")
def test_a_run_on_a_gpu_ends_in_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    """What there was no time for is skipped, and says so."""
    from verify.commands import profiler
    from verify.measure import hardware

    one = Finding("native, left alone", "FlopCounterMode", FEW[0], "EQUAL", 0, 0)
    monkeypatch.setattr(profiler, "_LIMIT", -1.0)
    monkeypatch.setattr(measuring, "torch_findings", lambda device: iter([one, one]))
    monkeypatch.setattr(hardware, "hardware_findings", lambda device, **words: iter(()))
    monkeypatch.setattr(measuring, "kernels_seen", lambda device: iter(()))
    file = tmp_path / "report.json"
    assert cli.main(["profiler", "--device", "cuda", "--json", str(file)]) == 0
    findings = json.loads(file.read_text(encoding="utf-8"))["findings"]
    assert [found["status"] for found in findings].count("EQUAL") == 1
    skipped = [found for found in findings if found["status"] == "SKIPPED"]
    assert {found["reason"] for found in skipped} == {"the -1 s of the run were over"}
    assert "launch" in {found["check"] for found in skipped}
    assert "profiler: counts by torch: 1 EQUAL" in capsys.readouterr().err
