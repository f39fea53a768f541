"""The command line as its users meet it: exit codes, outputs, and one clear line per mistake."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from proofs import claims
from proofs.systems import SYSTEMS
from verify import cli
from verify.engines import ENGINES

ROOT = Path(__file__).parents[2]


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m verify`` as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "verify", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", **environment},
        timeout=120,
        check=False,
    )


def test_all_prints_the_matrix_and_the_counters(capsys: Any) -> None:
    """One claim in every number system: a row, a legend, the counters, the engines; exit 0."""
    assert cli.main(["all", "-k", "three-relu-max", "-j", "1"]) == 0
    out, err = capsys.readouterr()
    row = next(line for line in out.splitlines() if line.strip().startswith("three-relu-max"))
    assert row.split()[1:] == ["P"] * 2 + ["R"] * 14
    assert "16 cells, 3 of 3 mutants refuted: 19 as expected, 0 not as expected, 0" in out
    assert re.search(r"z3 \d+\.\d+", out)
    assert err == ""


@pytest.mark.parametrize("columns", [80, 190, 200])
def test_the_whole_matrix_fits(columns: int, monkeypatch: Any) -> None:
    """Every claim and system fits a terminal of 80, 190 and 200 columns, no cell cut."""
    from rich.console import Console

    from proofs.verdict import Verdict
    from verify.display.claims import WIDE, in_pieces, print_run
    from verify.run.report import CellReport, RunReport

    cells = [
        CellReport(claim.id, system, verdict, verdict, (), 0.0)
        for claim in claims().values()
        for system, verdict in claim.expected.items()
    ]
    with open(os.devnull, "w") as sink:
        console = Console(width=columns, record=True, file=sink)
        print_run(console, RunReport(cells=cells))
    page = console.export_text()
    assert max(len(line.rstrip()) for line in page.splitlines()) <= columns
    assert "…" not in page
    for name in claims():
        assert all(piece in page for piece in in_pieces(name))
    if columns >= WIDE:
        assert all(str(v).split("_")[0] in page for v in (Verdict.PROVED, Verdict.EXHAUSTED))
        assert "saturating" in page


def test_selecting_narrows_cells() -> None:
    """``--system`` and ``-k`` choose rows and columns, and the mutants of the latter."""
    result = command("all", "-k", "max-is-relu", "--system", "int8", "--system", "real", "-j", "1")
    assert result.returncode == 0
    assert "2 cells, 4 of 4 mutants refuted: 6 as expected" in result.stdout
    assert result.stderr == ""


def test_one_engine_alone_is_enough_to_look(capsys: Any) -> None:
    """With ``--engine`` a weaker word is accepted, and cells it cannot judge are left out."""
    assert cli.main(["all", "-k", "sterbenz", "--engine", "hypothesis", "-j", "1"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "sterbenz" in line)
    assert set(row.split()[1:]) == {"t"}


def _asked(capsys: Any, *arguments: str) -> dict[str, Any]:
    """Return the engines that were asked about max-is-relu in int8, and whether all were."""
    target = ("-k", "max-is-relu", "--system", "int8", "-j", "1", "--json", "-")
    assert cli.main(["all", *target, *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    (part,) = report["cells"][0]["parts"]
    return {"thorough": report["thorough"], "engines": [e["engine"] for e in part["evidence"]]}


def test_thorough_asks_every_engine(capsys: Any) -> None:
    """Without it one replayed refutation is enough; engines that are named are all asked."""
    (theorem,) = claims()["max-is-relu"].theorems
    every = [name for name in ENGINES if ENGINES[name].supports(theorem, SYSTEMS["int8"])]
    assert len(every) >= 5
    assert _asked(capsys) == {"thorough": False, "engines": ["exhaustive", "hypothesis"]}
    assert _asked(capsys, "--thorough") == {"thorough": True, "engines": every}
    named = _asked(capsys, "--engine", "z3", "--engine", "cvc5")
    assert named == {"thorough": True, "engines": ["cvc5", "z3"]}


@pytest.mark.slow
def test_all_and_show_draw_the_same_samples() -> None:
    """A cell's number of samples is the same in a whole run, alone, and on its page."""
    wide = command("all", "-k", "max-is-relu", "--json", "-", "--system", "real", "--seed", "3")
    (cell,) = json.loads(wide.stdout)["cells"]
    (said,) = (e for e in cell["parts"][0]["evidence"] if e["engine"] == "hypothesis")
    assert said["draws"]["samples"] > 400
    page = command("show", "max-is-relu", "--system", "real", "--seed", "3", "-j", "1").stdout
    assert said["detail"].endswith(" samples, seed 3") and said["detail"] in page
    several = command("all", "-k", "relu and max", "--json", "-", "--system", "real", "--seed", "3")
    cells = json.loads(several.stdout)["cells"]
    (again,) = (found for found in cells if found["claim"] == "max-is-relu")
    assert len(cells) > 3
    assert [e["draws"] for e in again["parts"][0]["evidence"] if e["draws"]] == [said["draws"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["all", "-k", "(relu"], "python -m verify all: -k '(relu': a parenthesis is not closed"),
        (["all", "--engine", "z4"], "python -m verify all: --engine 'z4' is not one of "),
        (["all", "--system", "float33"], "python -m verify all: --system 'float33' is not one of "),
        (
            ["show", "max-is-rel"],
            "python -m verify show: no claim and no pooling is called 'max-is-rel'",
        ),
        (["all", "-j", "0"], "argument -j: must be a whole number from 1 on, got '0'"),
        (["all", "--seed", "x"], "argument --seed: must be a whole number from 0 on, got 'x'"),
        (["all", "--timeout", "0"], "argument --timeout: must be a positive number of seconds"),
        (["all", "--timeout", "nan"], "argument --timeout: must be a positive number of seconds"),
        (["all", "--json", "/no/such/folder/x"], "cannot write /no/such/folder/x: there is no"),
        (["all", "--json", "-", "--junit", "-"], "cannot share standard output"),
        (["all", "--json", str(ROOT)], "it is a folder"),
        (["export", __file__], "it is a file"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_mistakes_are_one_line_and_exit_4(arguments: list[str], message: str, capsys: Any) -> None:
    """A user's mistake gets a message that names it, never a traceback."""
    try:
        code = cli.main(arguments)
    except SystemExit as exit_:
        code = int(str(exit_.code))
    out, err = capsys.readouterr()
    assert code == 4
    assert message in err
    assert "Traceback" not in err
    assert out == ""


def test_nothing_selected_is_exit_5(capsys: Any) -> None:
    """A selection that matches nothing is no success."""
    assert cli.main(["all", "-k", "no-such-claim"]) == 5
    assert capsys.readouterr().err == "python -m verify all: nothing is selected\n"
    assert cli.main(["list", "-k", "no-such-claim"]) == 5


def test_a_wrong_verdict_shows_the_command_that_reruns_it(monkeypatch: Any, capsys: Any) -> None:
    """Exit 1; under the failure stands a command that selects exactly this cell."""
    from dataclasses import replace

    import proofs
    from proofs.verdict import Verdict

    wrong = replace(claims()["max-is-relu"], expected={"int8": Verdict.PROVED})
    monkeypatch.setattr(proofs, "claims", lambda: {"max-is-relu": wrong})
    monkeypatch.setattr("verify.run.runner.registered", lambda: {"max-is-relu": wrong})
    assert cli.main(["all", "-j", "1", "--system", "int8", "--seed", "7"]) == 1
    out = capsys.readouterr().out
    assert "max-is-relu in int8: REFUTED, expected PROVED" in out
    assert "counterexample: a = -2, b = 127   (fails on torch.int8 tensors)" in out
    assert "again: python -m verify all -k max-is-relu --system int8 --thorough --seed 7" in out


def test_list_names_every_claim(capsys: Any) -> None:
    """One entry per claim, with its sentence."""
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    for name, claim in claims().items():
        assert name in out
        assert claim.title.split()[0] in out


def test_show_is_the_page_of_a_claim(capsys: Any) -> None:
    """Statement in text and LaTeX, argument, source, verdicts and every step of the failure."""
    assert cli.main(["show", "max-is-relu", "--system", "int8", "-j", "1"]) == 0
    out = capsys.readouterr().out
    for words in (
        "max(a, b) = ReLU(a − b) + b",
        r"\max(a, b) = \operatorname{ReLU}(a - b) + b",
        "source: Dive into Deep Learning",
        "int8: REFUTED",
        "counterexample: a = -2, b = 127   (fails on torch.int8 tensors)",
        "ReLU(a − b) + b              -2",
    ):
        assert words in out


def test_mutants_are_listed_with_what_killed_them(capsys: Any) -> None:
    """Each false neighbour, its statement, its killers and a point where it fails."""
    assert cli.main(["mutants", "-k", "three-relu-max", "-j", "1"]) == 0
    out = capsys.readouterr().out
    assert "killed two neurons only" in out
    assert "max(a, b) = ReLU(a − b) + ReLU(b)" in out
    assert re.search("in real by cvc5, hypothesis, sympy, (yices, )?z3; at a = ", out)
    assert "3 of 3 mutants refuted" in out


def test_json_is_the_whole_report(tmp_path: Path, capsys: Any) -> None:
    """The file has the documented fields; ``-`` puts nothing but JSON on standard output."""
    path = tmp_path / "report.json"
    arguments = ["all", "-k", "max-is-relu", "--system", "int8", "-j", "1"]
    assert cli.main([*arguments, "--json", str(path)]) == 0
    capsys.readouterr()
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["schema"] == 2
    assert report["exit_code"] == 0
    (cell,) = report["cells"]
    assert (cell["claim"], cell["system"], cell["verdict"]) == ("max-is-relu", "int8", "REFUTED")
    assert cell["counterexample"]["assignment"] == {"a": "-2", "b": "127"}
    assert {"term": "a − b", "value": "127"} in cell["counterexample"]["steps"]
    documented = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    evidence = cell["parts"][0]["evidence"]
    assert evidence[0]["draws"] is None
    draws = next(e["draws"] for e in evidence if e["engine"] == "hypothesis")
    for key in [*report, *cell, *cell["parts"][0], *evidence[0], *draws]:
        assert f"`{key}`" in documented

    assert cli.main([*arguments, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["cells"][0]["claim"] == "max-is-relu"


def test_junit_has_a_case_per_cell_and_mutant(capsys: Any) -> None:
    """A CI system sees each cell and each mutant by name."""
    assert cli.main(["all", "-k", "three-relu-max", "-j", "1", "--junit", "-"]) == 0
    suite = ElementTree.fromstring(capsys.readouterr().out)
    assert suite.get("tests") == "19"
    assert suite.get("failures") == suite.get("errors") == "0"
    names = {(case.get("classname"), case.get("name")) for case in suite}
    assert ("poolproof.three-relu-max", "int8") in names
    assert ("poolproof.three-relu-max.mutants", "two neurons only") in names


def test_export_is_solved_again_by_other_means(tmp_path: Path, capsys: Any) -> None:
    """Each file names its expected answer, and a solver that reads nothing else agrees."""
    import z3

    folder = tmp_path / "obligations"
    chosen = ["-k", "three-relu-max or output-size or max-is-relu-iff-no-overflow"]
    assert cli.main(["export", str(folder), *chosen, "--system", "int8", "--system", "real",
                     "--system", "integer", "--system", "wraparound"]) == 0  # fmt: skip
    files = sorted(folder.glob("*.smt2"))
    assert capsys.readouterr().out == f"{len(files)} obligations in {folder}\n"
    assert len(files) >= 12
    expected = set()
    for file in files:
        content = file.read_text(encoding="utf-8")
        status = re.search(r"\(set-info :status (\w+)\)", content)
        assert status is not None
        expected.add(status[1])
        solver = z3.Solver()
        solver.set("timeout", 20_000)
        solver.from_string(content)
        assert str(solver.check()) == status[1], file.name
    assert expected == {"sat", "unsat"}


@pytest.mark.slow
def test_every_exported_file_is_solved_again_by_cvc5(tmp_path: Path) -> None:
    """All obligations but those declared out of its reach, from the files alone."""
    import cvc5

    from verify.run.export import export

    names = [n for n in SYSTEMS if n not in ("float32", "float64")]
    left_out = tuple(
        claim.id
        for claim in claims().values()
        if any(theorem.out_of_reach("cvc5", name) for theorem in claim.theorems for name in names)
    )
    written = [p for p in export(claims().values(), names, tmp_path) if "float16" not in p.name]
    files = [p for p in written if not p.name.startswith(left_out)]
    assert len(files) > 100
    for file in files:
        solver = cvc5.Solver()
        solver.setOption("fp-exp", "true")
        solver.setOption("tlimit-per", "60000")
        parser = cvc5.InputParser(solver)
        parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, str(file))
        symbols = parser.getSymbolManager()
        answer = ""
        while not (step := parser.nextCommand()).isNull():
            answer += str(step.invoke(solver, symbols))
        status = re.search(r"\(set-info :status (\w+)\)", file.read_text(encoding="utf-8"))
        assert status is not None
        assert answer.strip() == status[1], file.name


def test_doctor_names_engines_and_devices(capsys: Any) -> None:
    """Every engine with its version, and whether a GPU is there."""
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    for name in ("z3", "cvc5", "bitwuzla", "sympy", "hypothesis", "torch", "cuda"):
        assert re.search(rf"^{name} ", out, re.MULTILINE)


def test_no_colour_in_a_pipe_and_words_stay() -> None:
    """A pipe gets no escape codes, and a forced terminal obeys ``NO_COLOR``."""
    arguments = ("all", "-k", "three-relu-max", "--system", "real", "-j", "1")
    assert "\x1b" not in command(*arguments).stdout
    forced = command(*arguments, FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[3" not in forced.stdout
    assert "P PROVED" in forced.stdout


def members(group: int) -> list[str]:
    """Return the processes of a group that have not ended."""
    listed = subprocess.run(
        ["ps", "-ww", "-e", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    found = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [words for of, state, words in found if int(of) == group and "Z" not in state]


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that takes its time on a busy machine."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@contextlib.contextmanager
def started(*arguments: str, **how: Any) -> Iterator[subprocess.Popen[str]]:
    """Start ``verify`` in a process group of its own, and let its two workers start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "verify", *arguments, "-j", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        start_new_session=True, **how,
    )  # fmt: skip
    try:
        until(lambda: sum("multiprocessing.spawn" in words for words in members(process.pid)) == 2)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize(
    ("name", "to_all", "after"),
    [
        ("SIGTERM", False, 2.0),
        # As Ctrl-C does, as a terminal does that closes, as a supervisor does.
        pytest.param("SIGINT", True, 2.0, marks=pytest.mark.slow),
        pytest.param("SIGHUP", True, 2.0, marks=pytest.mark.slow),
        pytest.param("SIGTERM", True, 2.0, marks=pytest.mark.slow),
        # While the workers are still starting.
        pytest.param("SIGINT", True, 0.0, marks=pytest.mark.slow),
        pytest.param("SIGTERM", True, 0.0, marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_with_the_partial_report(
    name: str, to_all: bool, after: float, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Exit 2, no traceback, no process left behind; what was found is shown and written."""
    # A test run under nohup ignores SIGHUP, and so would the process that it starts.
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)
    request.addfinalizer(lambda: signal.signal(number, before))
    file = tmp_path / "report.json"
    with started("all", "--thorough", "--json", str(file)) as process:
        time.sleep(after)
        (os.killpg if to_all else os.kill)(process.pid, number)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (2, "")
        until(lambda: not members(process.pid))
    assert "interrupted: what follows is partial" in out
    report = json.loads(file.read_text(encoding="utf-8"))
    assert (report["interrupted"], report["exit_code"]) == (True, 2)
    assert report["counters"]["broken"] == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_workers_end_with_their_parent() -> None:
    """Even where it had no time to end them."""
    with started("all", "--thorough") as process:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        until(lambda: not members(process.pid))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_what_a_parent_ignores_stays_ignored() -> None:
    """A run under ``nohup`` outlives its terminal."""
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    with started("all", "-k", "max-is-relu", **ignoring) as process:
        os.killpg(process.pid, signal.SIGHUP)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert "interrupted" not in out and "as expected" in out


def test_the_former_name_of_system_still_works(capsys: Any) -> None:
    """``--domain`` selects as ``--system`` does, and no help shows it."""
    assert cli.main(["list", "-k", "output-size", "--domain", "integer"]) == 0
    assert "output-size" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main(["all", "--help"])
    shown = capsys.readouterr().out
    assert "--system" in shown and "--domain" not in shown
