from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from proofs.claim import Theorem
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import SYSTEMS
from proofs.terms import finite, value, variables
from verify.sweeps.elements import elements
from verify.sweeps.program import DOUBTFUL, INEXACT, MET, NAN, WRONG, judging, measuring
from verify.sweeps.sweep import REMEMBERED, Block, Compiled, Tally, sweep

ROOT = Path(__file__).parents[3]
a, b = variables("a b")
DIFFERENCE = measuring(FORMS["difference"], a.maximum(b), SYSTEMS["float16"])
#: Some rows of float16 with all columns, and among the rows several that matter.
PART = Block((0, 1200), (0, 65536))


@pytest.fixture(scope="module")
def expected() -> Tally:
    """Return what one worker finds in one piece."""
    return Compiled(DIFFERENCE)(PART)


def test_a_block_is_cut_into_all_its_rows() -> None:
    """None is left out or taken twice, and the first pieces are small."""
    pieces = Block((3, 1000), (5, 9)).cut(100)
    assert [piece.rows[1] - piece.rows[0] for piece in pieces[:5]] == [1, 2, 4, 8, 16]
    assert (pieces[0].rows[0], pieces[-1].rows[1]) == (3, 1000)
    assert all(left.rows[1] == right.rows[0] for left, right in pairwise(pieces))
    assert max(piece.rows[1] - piece.rows[0] for piece in pieces) == 100
    assert {piece.columns for piece in pieces} == {(5, 9)}
    assert sum(piece.pairs for piece in pieces) == 997 * 4


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("rows", [7, 100, 512])
def test_workers_and_pieces_do_not_matter(expected: Tally, workers: int, rows: int) -> None:
    """Counts, first pairs and worst pairs are the same."""
    assert expected.counts[INEXACT] > 0 and expected.counts[NAN] > 0
    assert sweep(Compiled(DIFFERENCE), PART.cut(rows), workers=workers) == expected


def test_the_order_of_pieces_does_not_matter(expected: Tally) -> None:
    """The first pair is the first of all, in whichever piece it is."""
    pieces = PART.cut(100)
    assert sweep(Compiled(DIFFERENCE), pieces[::-1]) == expected
    left = Block(PART.rows, (0, 1000)).cut(333)
    right = Block(PART.rows, (1000, 65536)).cut(50)
    assert sweep(Compiled(DIFFERENCE), right + left) == expected


def test_places_are_the_first(expected: Tally) -> None:
    """Row by row and column by column, no earlier pair counts."""
    values = elements("float16").values
    kernel = import_module("verify.sweeps.machine_code").compiled(DIFFERENCE)
    for name, (row, column) in expected.first.items():
        index = DIFFERENCE.results.index(name)
        assert not kernel(values[:row], values)[:, index].any() if row else True
        assert not column or kernel(values[row : row + 1], values[:column])[0, index] == 0
        assert kernel(values[row : row + 1], values[column : column + 1])[0, index] == 1
    for name, (key, (row, column)) in expected.greatest.items():
        index = DIFFERENCE.results.index(name)
        assert int(kernel(values[: PART.rows[1]], values)[:, index].max()) == key
        assert not row or int(kernel(values[:row], values)[:, index].max()) < key
        assert kernel(values[row : row + 1], values[column : column + 1])[0, index] == key


def test_it_stops_where_enough_is_known() -> None:
    """Pieces behind the first that is accepted are not counted."""
    program = judging(Theorem(a.maximum(b) == FORMS["difference"]), SYSTEMS["float16"])
    told: list[int] = []
    tally = sweep(
        Compiled(program),
        Block((0, 65536), (0, 65536)).cut(16),
        until=lambda found: bool(found.counts[WRONG]),
        progress=told.append,
    )
    assert tally.first[WRONG][0] == 0 and tally.pairs == sum(told) == 65536
    assert tally.counts[MET] == 65536


def test_doubtful_pairs_are_remembered_up_to_a_number() -> None:
    """Each has its place; past the limit only their number is known."""
    unclear = value(a) + value(b) + value(b) != value(a) + value(b)
    program = judging(Theorem(unclear, (finite(a),)), SYSTEMS["bfloat16"])
    few, many = (Compiled(program)(Block((1, 2), (0, columns))) for columns in (300, 65536))
    assert few.counts[DOUBTFUL] == len(few.doubtful) > 0
    assert many.counts[DOUBTFUL] > len(many.doubtful) == REMEMBERED
    assert few.doubtful == many.doubtful[: len(few.doubtful)] == tuple(sorted(few.doubtful))


def test_an_error_of_a_worker_is_the_callers() -> None:
    """It is raised, and nothing is counted."""

    def broken(block: Block) -> Tally:
        raise ArithmeticError("broken")

    with pytest.raises(ArithmeticError, match="broken"):
        sweep(broken, PART.cut())


def test_an_executor_of_ones_own_is_used_and_left_open(expected: Tally) -> None:
    """It gets every piece, and can be used again."""
    asked: list[Any] = []

    class Counting(ThreadPoolExecutor):
        def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
            asked.append(args)
            return super().submit(function, *args, **kwargs)

    with Counting(2) as executor:
        assert sweep(Compiled(DIFFERENCE), PART.cut(), executor=executor) == expected
        assert executor.submit(int).result() == 0
    assert len(asked) == len(PART.cut()) + 1


@pytest.mark.slow
def test_processes(expected: Tally) -> None:
    """Work and findings go to other processes and back."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert sweep(Compiled(DIFFERENCE), PART.cut(), executor=executor) == expected


def started(*arguments: str, ready: str) -> subprocess.Popen[str]:
    """Start a process of Dask's and wait until it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
        stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if ready in line:
            break
    return process


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_that_loses_a_worker(expected: Tally, tmp_path: Path) -> None:
    """A real scheduler and two worker processes; one is killed half-way, the result is the same."""
    distributed: Any = pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    scheduler = started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(file), ready="Scheduler at",
    )  # fmt: skip
    workers = [
        started(
            "worker", "--scheduler-file", str(file), "--nworkers", "1", "--nthreads", "1",
            "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / str(number)),
            ready="Registered to",
        )
        for number in range(2)
    ]  # fmt: skip
    processes = [scheduler, *workers]
    try:
        with distributed.Client(scheduler_file=str(file), timeout="30s") as client:
            client.wait_for_workers(2, timeout=30)
            computed_by = []
            executor: Executor = client.get_executor()
            done = 0

            def progress(pairs: int) -> None:
                nonlocal done
                done += pairs
                if done > PART.pairs // 2 and workers[0].poll() is None:
                    computed_by.append(len(client.scheduler_info()["workers"]))
                    os.killpg(workers[0].pid, signal.SIGKILL)
                    workers[0].wait()

            found = sweep(Compiled(DIFFERENCE), PART.cut(16), executor=executor, progress=progress)
            assert found == expected
            assert computed_by == [2]
            deadline = time.monotonic() + 20
            while len(client.scheduler_info()["workers"]) > 1:
                assert time.monotonic() < deadline
                time.sleep(0.1)
    finally:
        for process in reversed(processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert process.stderr is not None
            process.stderr.close()
