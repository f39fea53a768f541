"""Reading reports of ncu, and telling what is missing from what is wrong; all are samples."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.verify.measure.ncu_reports import report
from verify.measure import ncu
from verify.measure.finding import MissingError, NothingCountedError
from verify.measure.layers import LAYERS

MAXIMUM = ("max_pool_forward_nchw", {"FSETP": 3569792, "IMAD": 12, "MUFU": 7})
WAIT = (ncu.SEPARATOR, {"CS2R": 32, "EXIT": 32})


def fake_ncu(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a program called ncu on the PATH; ``body`` is Python, ``log`` where the report goes."""
    program = folder / "ncu"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "log = sys.argv[sys.argv.index('--log-file') + 1] if '--log-file' in sys.argv else None\n"
        f"{body}\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_report_is_read_launch_by_launch() -> None:
    """Kernel, grid, block, opcodes and the other metrics; separators of thousands are none."""
    counts, wait = ncu.parse(report([MAXIMUM, WAIT]))
    assert (counts.kernel, counts.grid, counts.block) == (MAXIMUM[0], (784, 1, 1), (256, 1, 1))
    assert counts.opcodes == MAXIMUM[1]
    assert counts.metrics[ncu.BY_OPCODE["FADD"]] == 0
    assert [counts.metrics[metric] for metric in ncu.TRAFFIC.values()] == [3211264, 802816]
    assert wait.kernel == ncu.SEPARATOR


def test_metrics_without_a_value_are_left_out() -> None:
    """A metric that this GPU does not have is not a zero."""
    (counts,) = ncu.parse(report([MAXIMUM], **{ncu.BY_OPCODE["FADD"]: "n/a"}))
    assert ncu.BY_OPCODE["FADD"] not in counts.metrics


@pytest.mark.parametrize("value", ["", "n/a", "(!) nan"])
def test_without_counts_by_opcode_there_is_nothing_to_compare(value: str) -> None:
    """That is missing, and no zero."""
    (counts,) = ncu.parse(report([MAXIMUM], **{ncu.PER_OPCODE: value}))
    with pytest.raises(MissingError, match="ncu gave no count by opcode for max_pool_forward_nchw"):
        _ = counts.opcodes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12", "a total without its opcodes"),
        ("12 (FADD: 8; IMAD: 5)", "do not add up"),
        ("12 (FADD: 6; FADD: 6)", "do not add up"),
        ("1.5 (FADD: 1.5)", "must be whole"),
    ],
)
def test_opcodes_have_to_be_whole_and_add_up(text: str, message: str) -> None:
    """A report that was cut or misread is an error."""
    with pytest.raises(NothingCountedError, match=message):
        ncu.instances(text)


@pytest.mark.parametrize(
    "text", ["", "==PROF== Connected\n", '"ID","Kernel Name"\n', '"a","b"\n"1","2"']
)
def test_a_report_without_launches_is_an_error(text: str) -> None:
    """An empty table is not a count of nothing."""
    with pytest.raises(NothingCountedError, match="has no launch in it"):
        ncu.parse(text)


def test_layers_stand_between_waits() -> None:
    """Every launch of a layer is its own; the number of layers has to be right."""
    copy = ("elementwise_kernel", {"MOV": 1})
    launches = ncu.parse(report([WAIT, copy, MAXIMUM, WAIT, MAXIMUM, WAIT]))
    first, second = ncu.by_layer(launches, LAYERS[:2])
    assert [counts.kernel for counts in first] == [copy[0], MAXIMUM[0]]
    assert [counts.kernel for counts in second] == [MAXIMUM[0]]
    with pytest.raises(NothingCountedError, match="launches for 2 layers instead of 3: 2, 1"):
        ncu.by_layer(launches, LAYERS[:3])
    assert ncu.by_layer(ncu.parse(report([WAIT, WAIT])), LAYERS[:1]) == [[]]
    with pytest.raises(NothingCountedError, match="launches for 0 layers instead of 1: none"):
        ncu.by_layer(ncu.parse(report([MAXIMUM])), LAYERS[:1])


def test_the_command_leaves_the_clocks_alone(tmp_path: Path) -> None:
    """All metrics at once, in base units, by opcode, and only what is launched when told to."""
    command = ncu.command("/opt/ncu", tmp_path / "layers.json", tmp_path / "report.csv")
    assert command[0] == "/opt/ncu"
    line = " ".join(command)
    for words in (
        "--csv --page raw",
        "--print-metric-instances details",
        "--print-units base",
        "--clock-control none",
        "--profile-from-start off",
        f"--metrics {','.join(ncu.METRICS)}",
        "-m verify.measure.launcher",
    ):
        assert words in line
    assert ncu.METRICS[:2] == (
        "sass__thread_inst_executed_true_per_opcode",
        "smsp__sass_thread_inst_executed_op_fadd_pred_on.sum",
    )


def test_without_ncu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is missing, and the reason says what and where it was looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="Nsight Compute, is not on the PATH"):
        ncu.read(ncu.run(LAYERS[:1]), LAYERS[:1])


@pytest.mark.parametrize(
    ("said", "code", "error", "message"),
    [
        (
            "==ERROR== ERR_NVGPUCTRPERM - The user does not have permission to access NVIDIA GPU "
            "Performance Counters on the target device 0.",
            1,
            MissingError,
            "ncu: ERR_NVGPUCTRPERM - The user does not have permission",
        ),
        (
            "==ERROR== Failed to initialize the profiler: LibraryNotLoaded",
            1,
            MissingError,
            "ncu: Failed to initialize the profiler",
        ),
        ("==WARNING== No kernels were profiled.", 0, MissingError, "ncu: No kernels were profiled"),
        (
            "==ERROR== The application returned an error code (1).",
            1,
            NothingCountedError,
            "ncu ended with code 1: The application returned an error code",
        ),
        ("Segmentation fault", 139, NothingCountedError, "ncu ended with code 139: Segmentation"),
        ("==PROF== Connected", 0, NothingCountedError, "has no launch in it"),
    ],
)
def test_what_ncu_says_instead_of_counting(
    said: str, code: int, error: Any, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A machine that does not permit counting is missing something; a broken run is an error."""
    fake_ncu(tmp_path, monkeypatch, f"print({said!r}); sys.exit({code})")
    with pytest.raises(error, match=message):
        ncu.read(ncu.run(LAYERS[:1]), LAYERS[:1])


def test_a_run_from_beginning_to_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The layers arrive at the program as JSON, and its report comes back by layer.

    It is run once for all of them, and finds our packages wherever it is run.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    sample = report([WAIT, MAXIMUM, WAIT])
    body = (
        "import json\nlayers = json.load(open(sys.argv[-1]))\n"
        "assert [layer['name'] for layer in layers] == ['ResNet stem']\n"
        "import os\nfound = os.environ['PYTHONPATH'].split(os.pathsep)\n"
        f"assert found == [{str(Path(__file__).parents[3])!r}, 'elsewhere']\n"
        f"open(log, 'w').write({sample!r}); print('==PROF== Report written')"
    )
    fake_ncu(tmp_path, monkeypatch, body)
    output = ncu.run(LAYERS[:1])
    ((counts,),) = ncu.read(output, LAYERS[:1])
    assert counts.opcodes == MAXIMUM[1]
    assert output.everything == f"{sample}\n==PROF== Report written\n"


def test_a_run_that_does_not_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is stopped with what it has started, and that is an error; what it wrote is kept."""
    body = (
        "import subprocess\nopen(log, 'w').write('begun')\n"
        "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(started.pid, flush=True)\nstarted.wait()"
    )
    fake_ncu(tmp_path, monkeypatch, body)
    output = ncu.run(LAYERS[:1], 1.0)
    assert (output.report, output.code) == ("begun", None)
    with pytest.raises(NothingCountedError, match="ncu took longer than the run allows it"):
        ncu.read(output, LAYERS[:1])
    # A process that was killed is gone, or waits for whoever inherits it to notice.
    status = Path(f"/proc/{int(output.said)}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_the_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The one that the tool prints, or all that it prints."""
    fake_ncu(tmp_path, monkeypatch, "print('NVIDIA (R)\\nVersion 2025.3.1.0 (build 1)')")
    assert ncu.version(ncu.find_ncu()) == "2025.3.1.0"
    fake_ncu(tmp_path, monkeypatch, "print('an unusual\\n answer')")
    assert ncu.version(ncu.find_ncu()) == "an unusual answer"


def test_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """$NCU, then the PATH, then the toolkit's folder and its own, the newest first."""
    for name in ("named", "path", "cuda/bin", "nsight/2024.1", "nsight/2025.3"):
        (tmp_path / name).mkdir(parents=True)
        tool = tmp_path / name / "ncu"
        tool.write_text("#!/bin/sh\n")
        tool.chmod(0o755)
    monkeypatch.setattr(ncu, "FOLDERS", (str(tmp_path / "nsight" / "*"),))
    for variable in ("NCU", "CUDA_HOME", "CUDA_PATH"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ncu.find_ncu() == str(tmp_path / "nsight" / "2025.3" / "ncu")
    monkeypatch.setenv("CUDA_HOME", str(tmp_path / "cuda"))
    assert ncu.find_ncu() == str(tmp_path / "cuda" / "bin" / "ncu")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert ncu.find_ncu() == str(tmp_path / "path" / "ncu")
    monkeypatch.setenv("NCU", str(tmp_path / "named" / "ncu"))
    assert ncu.find_ncu() == str(tmp_path / "named" / "ncu")
    monkeypatch.setenv("NCU", "/nowhere/ncu")
    with pytest.raises(MissingError) as caught:
        ncu.find_ncu()
    assert str(caught.value) == "$NCU is no program: '/nowhere/ncu'"


def test_a_metric_that_the_card_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One more run, for the count by opcode alone; the first one's complaint is kept, marked."""
    sample = report([(ncu.SEPARATOR, {"EXIT": 1})])
    body = (
        f"asked = sys.argv[sys.argv.index('--metrics') + 1]\n"
        f"if asked != {ncu.PER_OPCODE!r}:\n"
        f"    print('==ERROR== Failed to find metric x\\n==WARNING== No kernels were profiled')\n"
        f"    sys.exit(1)\n"
        f"open(log, 'w').write({sample!r})"
    )
    fake_ncu(tmp_path, monkeypatch, body)
    output = ncu.run(LAYERS[:1])
    assert (output.report, output.code) == (sample, 0)
    assert "before: ==ERROR== Failed to find metric x" in output.said
    ncu.refuse_failure(output.everything, 0)
