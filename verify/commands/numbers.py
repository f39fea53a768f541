"""``verify numbers``: what the forms of the maximum do in every pair of a float format."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from verify.commands.options import (
    Commands,
    UsageError,
    add_json,
    add_plot,
    one_of,
    positive_int,
    whole_number,
)
from verify.commands.output import console, targets, write_json, write_picture

if TYPE_CHECKING:
    from verify.sweeps.measurement import Measurement

DESCRIPTION = """\
Measure each form of max(a, b) by ReLU against the maximum itself: how many pairs
it gets wrong, how far off it is, where it overflows.

Every pair of a format of up to 16 bits is tried. Of float32 and float64 a sample
is, with every difference of exponents, and the result says TESTED.
"""

#: How long to wait for the scheduler of a Dask cluster.
_PATIENCE = "10s"


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "numbers",
        help="how often and how far max(a, b) by ReLU is wrong, over all pairs of a float format",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("format", metavar="FORMAT", help="such as float16, bfloat16, float8_e5m2")
    add_json(parser)
    add_plot(parser, "the plane of pairs with the wrong ones marked, and error against magnitude")
    parser.add_argument(
        "-j",
        "--workers",
        metavar="N",
        type=positive_int,
        default=None,
        help="threads that compute (default: one per core)",
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole_number, default=0, help="seed of the sample (default: 0)"
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="compute on this Dask cluster, such as tcp://host:8786"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        help="compute with torch on this device instead of with compiled code",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    _refuse(options)
    measurements = _measurements(options)
    if options.plot:
        _plot(options)
    from verify.display.numbers import tables

    if options.json:
        write_json(options.json, tables.to_dict(measurements))
    if options.json != "-":
        tables.print_page(console(), measurements)
    return 0


def _refuse(options: argparse.Namespace) -> None:
    """Refuse early what could not be done at the end."""
    from proofs.systems import SYSTEMS
    from proofs.systems.floats import FloatFormat

    formats = {name: x for name, x in SYSTEMS.items() if isinstance(x, FloatFormat)}
    one_of("FORMAT", [options.format], formats)
    if options.dask and options.device:
        raise UsageError("--dask and --device exclude each other")
    if options.device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise UsageError("--device cuda needs a GPU, and torch finds none here")
    targets(options)


def _measurements(options: argparse.Namespace) -> dict[str, Measurement]:
    """Return what was measured of every form that the format has."""
    from proofs.max_by_relu.forms._forms import forms_in
    from proofs.terms import variables
    from verify.display.progress import progress
    from verify.sweeps.measurement import measure, pairs

    a, b = variables("a b")
    forms = forms_in(options.format)
    total = len(forms) * pairs(options.format, options.seed)
    with _executor(options.dask) as executor, progress(total) as advance:
        return {
            name: measure(
                form,
                a.maximum(b),
                options.format,
                seed=options.seed,
                device=options.device,
                executor=executor,
                workers=options.workers,
                progress=partial(advance, name),
            )
            for name, form in forms.items()
        }


@contextlib.contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    """Return the executor of a Dask cluster, ``None`` without an address."""
    if address is None:
        yield None
        return
    if find_spec("distributed") is None:
        raise UsageError("--dask needs Dask: pip install 'poolproof[dask]'")
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        words = " ".join(str(error).split())
        raise UsageError(f"--dask: no scheduler answers at {address!r}: {words}") from None
    with client, client.get_executor() as executor:
        yield executor


def _plot(options: argparse.Namespace) -> None:
    from proofs.max_by_relu.forms._forms import forms_in
    from verify.display.numbers.plots import draw

    figure = draw(forms_in(options.format), options.format, options.seed, options.workers)
    write_picture(options.plot, figure)
