"""``verify cost``: what one pooling layer, or a whole model, costs.

The options of the operators are those of their formulas, with dashes for underscores: an operator
that is new in :mod:`costmodel` has its options here.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from verify.commands.options import Commands, UsageError, add_html, add_json, add_plot, suggestion
from verify.commands.output import (
    console,
    refuse_pages,
    targets,
    write_json,
    write_picture,
    written,
)
from verify.names import program

if TYPE_CHECKING:
    from torch.nn import Module

    from verify.display.cost.layer import LayerCost

EPILOG = """\
values:
  SHAPE    1x64x112x112 or 1,64,112,112: channels before the spatial axes, and
           before them the batch, which may be left out
  SIZES    3, or one per axis: 3x2 or 3,2
           --padding also takes a pair before:after for each axis: 1:0x0:0 pads
           the top alone; what it means is up to --padding-convention
           --output-size also takes None, for as many as there are: 7xNone;
           of a pyramid it has one entry per level: 1x2x4

names:
  --padding-convention    described in pooling.conventions
  --counting              described in costmodel.counting
  --algorithm             described in costmodel.algorithms
  --device                listed by costmodel.devices()

MODULE:MODEL is what Python can import from here, as in
torchvision.models:resnet18, or a file: path/to/model.py:Net. The code runs; a
class or a function without arguments is called.
"""

#: Ints are no longer than this, so that every figure made of them is within a float's range.
_DIGITS = 30


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "cost",
        help="what a pooling layer or a model costs",
        usage=f"{program()} cost OPERATOR --input SHAPE [options]\n"
        f"       {program()} cost MODULE:MODEL --input SHAPE [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG,
    )
    parser.add_argument(
        "target",
        metavar="OPERATOR",
        help=f"one of {', '.join(_families())}; or MODULE:MODEL, or PATH.py:MODEL",
    )
    parser.add_argument(
        "--input",
        metavar="SHAPE",
        type=_shape,
        action="append",
        required=True,
        help="the shape of the input; repeat it for a model of several inputs",
    )
    parser.add_argument(
        "--dtype", metavar="NAME", help="dtype of input and output (default: float32)"
    )
    parser.add_argument(
        "--device",
        metavar="NAME",
        action="append",
        help="show the roofline of this device; may be repeated (default: all known ones)",
    )
    add_json(parser)
    add_plot(
        parser,
        "the cost against stride, window and padding, and the roofline; of a model the rooflines "
        "with its operators",
    )
    add_html(parser, "of a model its totals, tree, shares and rooflines")
    parser.add_argument(
        "--depth",
        metavar="N",
        type=int,
        help="of a model: how deep its tree of modules is shown (default: all of it)",
    )
    parser.add_argument(
        "--elementwise",
        action="store_true",
        help="of a model: count elementwise operators, activations, normalisations and softmax too",
    )
    group = parser.add_argument_group("arguments of the operators, with torch's names and defaults")
    for name, (parameter, operators) in _arguments().items():
        _add_argument(group, name, parameter, operators)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    targets(options)
    refuse_pages(options.html)
    if ":" in options.target:
        _run_model(options)
    else:
        _run_operator(options)
    return 0


def _run_operator(options: argparse.Namespace) -> None:
    of_models = {"--depth": options.depth is not None, "--html": options.html is not None}
    for option, given in (of_models | {"--elementwise": options.elementwise}).items():
        if given:
            raise UsageError(f"{option} is for a model, not for an operator")
    layer = _layer(options)
    names = options.device or []
    with _spelled_as_options():
        rooflines = layer.rooflines(names)
    if options.plot:
        _plot(layer, names, options.plot)
    if options.json:
        write_json(options.json, layer.to_dict(names))
    if options.json != "-":
        from verify.display.cost.page import print_cost

        print_cost(console(), layer, rooflines)


def _plot(layer: LayerCost, devices: Sequence[str], target: str) -> None:
    from verify.display.cost.plots import draw

    figure = draw(layer, devices)
    if not figure.axes:
        raise UsageError("--plot: nothing of this layer can vary, and it takes no operation")
    write_picture(target, figure)


def _run_model(options: argparse.Namespace) -> None:
    given = [name for name in _arguments() if getattr(options, name, None) is not None]
    if given:
        raise UsageError(f"{_option(given[0])} is for an operator, not for a model")
    model = _model(options.target)
    import costmodel

    with _one_line(f"{options.target} cannot be counted"):
        counted = costmodel.of_model(
            model, tuple(options.input), dtype=options.dtype, elementwise=options.elementwise
        )
        tree = counted.tree(options.depth)
        tree.parts  # noqa: B018 - which refuses a depth that there is not
    with _one_line(f"{options.target} has no roofline"):
        rooflines = [
            counted.roofline(name, options.dtype or "float32") for name in _devices(options)
        ]
    if options.plot:
        from verify.display.cost.plots import draw_model

        write_picture(options.plot, draw_model(rooflines))
    if options.html:
        from verify.site.model import write

        with written(options.html) as folder:
            write(folder, counted, rooflines)
    if options.json:
        data = counted.to_dict()
        if options.device:
            data |= {"rooflines": [roofline.to_dict() for roofline in rooflines]}
        write_json(options.json, data)
    if options.json != "-":
        console().print(tree)
        for roofline in rooflines if options.device else []:
            console().print(roofline.summary, highlight=False)


def _devices(options: argparse.Namespace) -> list[str]:
    """Return the devices that are asked for; of a picture or a page two, where none are."""
    if options.device:
        return list(options.device)
    return ["V100 SXM2", "H100 SXM"] if options.plot or options.html else []


def _layer(options: argparse.Namespace) -> LayerCost:
    """Return the layer that the options describe, refusing what has no cost."""
    import costmodel
    from costmodel.registry import parameters
    from pooling.kind import kind, operator_named
    from verify.display.cost.layer import LayerCost

    known = dict.fromkeys(costmodel.operators())
    operator, fixed = operator_named(options.target) or (options.target, {})
    if operator not in known:
        raise UsageError(
            f"no operator is called {options.target!r}, `{program()} cost --help` lists them"
            f"{suggestion(options.target.lower(), known)}"
        )
    if len(options.input) > 1:
        raise UsageError(f"--input may be given once for an operator, got {len(options.input)}")
    # The operator's own arguments in its own order; the cost model refuses those of others.
    names = dict.fromkeys((*parameters(operator), *_arguments()))
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    for name, value in kind(re.sub(r"\dd(_backward)?$", "", operator)).example.items():
        if name == "output_size" and isinstance(value, tuple) and type(given.get(name)) is int:
            given[name] = (given[name],)  # a pyramid of one level
    layer = LayerCost(operator, options.input[0], {**fixed, **given}, options.dtype or "float32")
    with _spelled_as_options():
        _ = layer.cost, layer.bytes_moved  # which are computed here, where they may be refused
    return layer


def _families() -> list[str]:
    """Return the operators in short: ``max_pool{1,2,3}d[_backward]``, ``roi_align2d``."""
    import costmodel

    known = costmodel.operators()
    dimensions: dict[str, list[str]] = {}
    for name in known:
        if match := re.fullmatch(r"(.*)(\d)d", name):
            back = "[_backward]" if f"{name}_backward" in known else ""
            dimensions.setdefault(f"{match[1]}{{}}d{back}", []).append(match[2])
    return [
        family.format(counts[0] if len(counts) == 1 else f"{{{','.join(counts)}}}")
        for family, counts in dimensions.items()
    ]


def _arguments() -> dict[str, tuple[inspect.Parameter, list[str]]]:
    """Return every argument of every operator, with the families of operators that have it."""
    import costmodel
    from costmodel.registry import parameters

    found: dict[str, tuple[inspect.Parameter, list[str]]] = {}
    for operator in costmodel.operators():
        family = re.sub(r"\dd(_backward)?$", "", operator)
        for name, parameter in parameters(operator).items():
            _, families = found.setdefault(name, (parameter, []))
            if family not in families:
                families.append(family)
    return found


def _add_argument(
    group: Any, name: str, parameter: inspect.Parameter, families: Sequence[str]
) -> None:
    """Add the option of an argument; what is not given is left to the operator's default."""
    default = parameter.default
    # Annotations are text, as in every module of the cost model.
    kinds: dict[str, dict[str, Any]] = {
        "bool": {"action": argparse.BooleanOptionalAction},
        "str": {"metavar": "NAME"},
    }
    per_axis = any(word in parameter.annotation for word in ("Size", "Padding", "Sequence"))
    metavar = "SIZES" if per_axis else "NUMBER"
    few = f"of {', '.join(families)}; " if len(families) <= 3 else ""
    group.add_argument(
        _option(name),
        default=argparse.SUPPRESS,
        help=f"{few}{'' if default is parameter.empty else f'default: {default}'}".rstrip("; "),
        **kinds.get(parameter.annotation, {"metavar": metavar, "type": _value}),
    )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _shape(text: str) -> tuple[int, ...]:
    """Return the sizes that ``--input`` was given."""
    entries = re.split("[x×,]", text)
    if not all(re.fullmatch("-?[0-9]+", entry) for entry in entries):
        raise argparse.ArgumentTypeError(f"must be sizes such as 1x64x112x112, got {text!r}")
    return tuple(_number(entry) for entry in entries)


def _value(text: str) -> Any:
    """Return a number, a tuple of them, or of pairs, or ``None``."""
    try:
        entries = [
            tuple(map(_number, entry.split(":"))) if ":" in entry else _number(entry)
            for entry in re.split("[x×,]", text)
        ]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a number, or one per axis such as 3x2, got {text!r}"
        ) from None
    return entries[0] if len(entries) == 1 and ":" not in text else tuple(entries)


def _number(text: str) -> Any:
    """Return the int, else the float, that ``text`` spells; ``None`` for itself."""
    if text == "None":
        return None
    if not re.fullmatch("-?[0-9]+", text):
        return float(text)
    if len(text) > _DIGITS:
        raise argparse.ArgumentTypeError(f"must have at most {_DIGITS} digits, got {len(text)}")
    return int(text)


@contextlib.contextmanager
def _spelled_as_options() -> Iterator[None]:
    """Turn what the cost model refuses into a mistake of the user, in the user's spelling."""
    try:
        yield
    except (ValueError, TypeError) as mistake:
        names = {name: _option(name) for name in _arguments()} | {"shape": "--input"}
        words = re.compile(rf"'?\b({'|'.join(names)})\b'?")
        message = words.sub(lambda word: names[word[1]], str(mistake))
        raise UsageError(message) from None


@contextlib.contextmanager
def _one_line(doing: str) -> Iterator[None]:
    """Turn whatever the user's code raises into one line; what it prints is no result of ours."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:
        words = " ".join(str(error).split())
        raise UsageError(f"{doing}: {type(error).__name__}: {words}") from None


def _model(target: str) -> Module:
    """Return the model at ``MODULE:MODEL`` or ``PATH.py:MODEL``, as `equivalent` finds it."""
    from torch.nn import Module

    from verify.judge.loading import load
    from verify.judge.watching.running import NoSuchPlaceError, NotJudgedError

    try:
        found = load(target)
    except (NoSuchPlaceError, NotJudgedError) as mistake:
        raise UsageError(str(mistake)) from None
    except SystemExit as left:
        raise UsageError(f"{target} leaves with {left!r} when it is made") from None
    if not isinstance(found, Module):
        raise UsageError(f"{target} is no torch.nn.Module, but of type {type(found).__name__}")
    return found
