"""What a whole model costs, operator by operator, as far as possible without computing anything.

Apart from the registry because a model is not one operator: its forward pass runs on meta tensors,
which have a shape and a dtype but no values, and every operator that torch dispatches on the way
is looked up. Only this module and what it is made of, :mod:`costmodel.whole`, load torch, so they
are loaded when asked for.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from costmodel.model_cost import ModelCost
from costmodel.whole import inputs as reading
from costmodel.whole.copying import private_copy, unwrapped
from costmodel.whole.recording import Recorder, needs_values
from costmodel.whole.rows import ModuleEntry, OperatorCost, UncountedOperator

#: Makes an optimiser of the parameters.
Optimizer = Callable[[list[nn.Parameter]], torch.optim.Optimizer]


def of_model(
    model: nn.Module | torch.export.ExportedProgram,
    *args: Any,
    dtype: Any = None,
    on: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    elementwise: bool = False,
    step: str = "forward",
    optimizer: str | Optimizer = "AdamW",
    **named: Any,
) -> ModelCost:
    """Return what a pass of ``model`` costs, operator by operator.

    On meta tensors, in place of the parameters, the buffers and the inputs, nothing is computed
    and no weight is copied. The pass runs on a private copy of the modules: the model stays as it
    is, and other threads may run or count it meanwhile. It is counted in the mode it is in
    (training or evaluation); its own hooks run.

    - Poolings, called as layers or as functions, are counted as :func:`costmodel.cost` counts
      them: only taps inside the input, comparisons and divisions included.
    - Means, sums and maxima over whole axes that keep the batch and at least one more axis are
      poolings as well, in any layout and spelling: n − m additions or comparisons from n elements
      to m, and m divisions for means, of which a sum divided by the number of its terms is one.
      Over everything but the batch they are no pooling; subtracted from their own input, or
      dividing it, they are part of a normalisation. See :mod:`costmodel.whole.reductions`.
    - Pooling layers of torch, and modules that say what operator they apply, as those of
      :mod:`pooling` do, are that one operator, and what they dispatch is not looked at.
    - A pooling rebuilt from convolution and ReLU is the network that it runs: besides what is
      counted of any model, its elementwise additions, multiplications, divisions and ReLUs, one
      operation for each element of their floating-point results, together in a row
      ``"elementwise"``. All its rows count as pooling.
    - Convolutions, linear layers, matrix products and attention are counted by torch's own
      formulas, ``torch.utils.flop_counter``: two operations for each multiply-accumulate, padding
      charged, the bias not. So are operators for which ``register_flop_formula`` was called.
    - All others are listed in ``others``, with module, elements and bytes; with ``elementwise``
      those for which :mod:`costmodel.whole.elementwise` states a formula are counted.

    Of everything else, what is counted is what torch dispatches, a gradient that the forward pass
    takes of something included: of the functions of ``torch.nn.functional``, and of layers that
    are made on the way, one-dimensional poolings as two-dimensional ones, LP pooling as the
    average pooling within it (its powers and roots are in ``others``), and indices not at all,
    since torch dispatches the same max-pooling whether they are asked for or not; attention on
    meta tensors as the matrix products of torch's reference implementation. Wrappers
    (``DataParallel``, ``torch.compile``) are taken off. Autocast is obeyed, as far as the dtypes
    of matrix products and, for CUDA, of sums, powers and normalisations go. Under
    ``torch.func.vmap`` all that is mapped over counts.

    Args:
        model: Any module. It may be on any device, the meta device included; scripted, compiled
            and exported ones are modules too.
        args: What ``forward`` is called with: tensors, shapes, numbers, ``None``, mappings, lists,
            dataclasses. A tuple of whole numbers is a shape, and stands for a tensor; in a list it
            is itself. One tuple of inputs is all of them; one mapping whose keys are parameters of
            ``forward``, as a tokenizer returns, is arguments by name.
        dtype: The dtype of the shapes given and, where it is not that of the model, of its
            floating-point parameters and of the tensors given as well: a name, or a dtype of torch
            or NumPy. If left out, shapes have the dtype of the first floating-point parameter,
            float32 if there is none.
        on: ``"meta"`` or ``"values"``: tensors without values, or the tensors given and the
            model's own. If left out, meta tensors; and values, if the model needs them to decide
            what to do and every tensor was given as one. The result's ``on`` says which it was.
        kwargs: Arguments of ``forward`` by name, for names that this function has as well.
        elementwise: Whether to count what only :mod:`costmodel.whole.elementwise` has formulas for.
        step: ``"forward"``, or ``"training"``: forward, backward from the output ``loss`` if there
            is one, else from all outputs, and the optimiser.
        optimizer: The name of a class in ``torch.optim``, or a function of a list of parameters.
        named: Arguments of ``forward`` by name.

    Raises:
        TypeError: A model that is no module.
        ValueError: A negative size, an unknown dtype, a choice that there is not, shapes where
            values are asked for, or an input that the model cannot take; the message names the
            module and the operator, and says what torch says.
        RuntimeError: A model that needs values, for instance to decide what to do next, where
            there are none, or whose parameters are not there yet.

    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    >>> cost = of_model(net, (1, 3, 32, 32))
    >>> [(row.module, row.operator, row.flops) for row in cost.rows]
    [('0', 'convolution', 442368), ('2', 'max_pool2d', 6144)]
    >>> f"{cost.pooling_share:.2%}", cost.uncounted, cost.on
    ('1.37%', {'relu': 1}, 'meta')
    """
    if isinstance(model, torch.export.ExportedProgram):
        model = model.module()
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {model!r}")
    for name, value, known in (
        ("on", on, (None, "meta", "values")),
        ("step", step, ("forward", "training")),
    ):
        if value not in known:
            words = " or ".join(repr(word) for word in known if word)
            raise ValueError(f"{name} must be {words}, got {value!r}")
    chosen = None if dtype is None else _floating(dtype)
    model = unwrapped(model)
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if is_lazy(tensor):
            raise RuntimeError(
                f"{name!r} gets its shape from the first input: run the model once first"
            )
    given, by_name = reading.arguments(model, args, {**(kwargs or {}), **named})
    counting = _Counting(model, given, by_name, chosen, elementwise, step, optimizer)
    shapes_only = reading.has_shapes((given, by_name))
    if on == "values":
        if shapes_only or any(parameter.is_meta for parameter in model.parameters()):
            raise ValueError("on='values' needs tensors with values, in the model and as its input")
        return counting.run("values")
    try:
        return counting.run("meta")
    except (ValueError, RuntimeError) as refused:
        without_values = refused.__cause__ is not None and not shapes_only
        if on == "meta" or not without_values:
            raise
        try:
            return counting.run("values")
        except (ValueError, RuntimeError) as error:
            needed = isinstance(refused.__cause__, Exception) and needs_values(refused.__cause__)
            raise (error if needed else refused) from error.__cause__


class _Counting:
    """One model and what it is called with, to be counted in one way or the other."""

    def __init__(
        self,
        model: nn.Module,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        dtype: torch.dtype | None,
        elementwise: bool,
        step: str,
        optimizer: str | Optimizer,
    ) -> None:
        self.model = model
        self.args, self.kwargs = args, kwargs
        self.dtype = dtype
        self.elementwise = elementwise
        self.training = step == "training"
        self.optimizer = _optimizer(optimizer)

    def run(self, on: str) -> ModelCost:
        """Count the pass on meta tensors or on values."""
        own = next((p for p in self.model.parameters() if p.is_floating_point()), None)
        shaped = self.dtype or (torch.float32 if own is None else own.dtype)
        on_meta = on == "meta"

        def remake(tensor: Tensor, is_parameter: bool) -> Tensor:
            made = self._like(tensor, on_meta)
            if not on_meta and made is tensor and (self.training or not is_parameter):
                made = tensor.detach().clone()
            if not is_parameter:
                return made
            return nn.Parameter(made.detach(), self.training and tensor.requires_grad)

        def make(entry: Tensor | tuple[int, ...]) -> Tensor:
            if not isinstance(entry, Tensor):
                return torch.empty(entry, dtype=shaped, device="meta")
            made = self._like(entry, on_meta)
            made = made.detach().clone() if made is entry else made
            return made.requires_grad_(entry.requires_grad and entry.is_leaf)

        twin, modules = private_copy(self.model, remake)
        args = tuple(reading.made(entry, make) for entry in self.args)
        kwargs = {name: reading.made(entry, make) for name, entry in self.kwargs.items()}
        inputs = reading.tensors_in((args, kwargs))
        shapes = tuple(tuple(tensor.shape) for tensor in inputs)
        device = self._device(own)
        recorder = Recorder(twin, modules, on_meta=on_meta, device=device)
        recorder.hold([*twin.parameters(), *twin.buffers()], free=True)
        recorder.hold(inputs)
        try:
            with _random_state_kept(on_meta), recorder.autocast, recorder:
                output = twin(*args, **kwargs)
                if self.training:
                    self._go_back(recorder, twin, output)
        except Exception as error:
            raise recorder.explain(error, shapes) from error
        return self._result(recorder, twin, shapes, on)

    def _like(self, tensor: Tensor, on_meta: bool) -> Tensor:
        """Return a tensor without values, or this one; only floating-point ones change dtype."""
        floating = self.dtype is not None and tensor.is_floating_point()
        wanted = self.dtype if floating else tensor.dtype
        if on_meta:
            return torch.empty_like(tensor, dtype=wanted, device="meta", requires_grad=False)
        return tensor.to(wanted)

    def _device(self, own: Tensor | None) -> str:
        """Return the type of the device that the pass stands for."""
        given = [own] if own is not None else []
        given += reading.tensors_in((self.args, self.kwargs))
        real = [tensor.device.type for tensor in given if not tensor.is_meta]
        if real:
            return real[0]
        return "cuda" if torch.is_autocast_enabled("cuda") else "cpu"

    def _go_back(self, recorder: Recorder, twin: nn.Module, output: Any) -> None:
        """Run the backward pass and the optimiser."""
        loss = output.get("loss") if isinstance(output, Mapping) else getattr(output, "loss", None)
        ends = [loss] if isinstance(loss, Tensor) else reading.tensors_in(output)
        ends = [end for end in ends if end.requires_grad]
        recorder.phase = "backward"
        if not ends:
            raise ValueError("no output depends on a parameter that requires a gradient")
        torch.autograd.backward(ends, [torch.ones_like(end) for end in ends])
        parameters = [p for p in twin.parameters() if p.grad is not None]
        if parameters:
            optimizer = self.optimizer(parameters)
            # The first step makes its state; one like all others is the second.
            recorder.phase = "first step"
            optimizer.step()
            recorder.phase = "optimizer"
            optimizer.step()

    def _result(
        self, recorder: Recorder, twin: nn.Module, shapes: tuple[tuple[int, ...], ...], on: str
    ) -> ModelCost:
        rows: list[dict[str, Any]] = []
        others: list[dict[str, Any]] = []
        steps = [entry for entry in recorder.entries if entry["phase"] == "optimizer"]
        for entry in recorder.entries:
            if entry["phase"] in ("first step", "optimizer"):
                continue
            stated = self.elementwise and entry["operations"] is not None
            (rows if entry["counted"] or stated else others).append(entry)
        if self.training:
            rows.append(_one_step(self.optimizer, steps))
        total = sum(row["flops"] for row in rows)
        return ModelCost(
            model=type(twin).__name__,
            inputs=shapes,
            rows=tuple(
                OperatorCost(
                    **{name: row[name] for name in _ROW},
                    share=row["flops"] / total if total else 0.0,
                    phase=row["phase"],
                    kind=row["kind"],
                    elements=row["elements"],
                    arguments=row["arguments"],
                )
                for row in rows
            ),
            others=tuple(
                UncountedOperator(**{name: entry[name] for name in _OTHER}) for entry in others
            ),
            on=on,
            modules=_modules(twin),
            activation_peak_bytes=recorder.peak_bytes,
        )


def _one_step(optimizer: Optimizer, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of an optimiser: all that it does to the elements of the parameters."""
    # Its counters of steps are single numbers on the host.
    steps = [entry for entry in steps if entry["input_shape"]]
    operations: Counter[str] = Counter()
    for entry in steps:
        operations.update(entry["operations"] or {})
    return {
        "module": "",
        "module_type": getattr(optimizer, "__name__", "optimizer"),
        "operator": "optimizer",
        "pooling": False,
        "input_shape": (),
        "output_shape": (),
        "operations": dict(operations),
        "flops": operations.total(),
        "macs": None,
        "bytes_moved": sum(entry["bytes_moved"] for entry in steps),
        "phase": "optimizer",
        "kind": "optimizer",
        "arguments": {},
        "elements": sum(entry["elements"] for entry in steps),
    }


_ROW = (
    "module", "module_type", "operator", "pooling", "input_shape", "output_shape", "operations",
    "flops", "macs", "bytes_moved",
)  # fmt: skip
_OTHER = (
    "module", "module_type", "operator", "kind", "input_shape", "output_shape", "elements",
    "bytes_moved", "operations", "phase", "arguments",
)  # fmt: skip


def _modules(model: nn.Module) -> tuple[ModuleEntry, ...]:
    """Return the modules of a model with the parameters of their own, each counted once."""
    seen: set[int] = set()
    found = []
    for path, module in model.named_modules():
        own = {id(p): p for _, p in module.named_parameters(recurse=False) if id(p) not in seen}
        seen |= own.keys()
        found.append(
            ModuleEntry(
                path,
                type(module).__name__,
                sum(p.numel() for p in own.values()),
                sum(p.numel() * p.element_size() for p in own.values()),
            )
        )
    return tuple(found)


@contextmanager
def _random_state_kept(on_meta: bool) -> Iterator[None]:
    """Leave torch's random state as it was; meta tensors draw nothing."""
    if on_meta:
        yield
        return
    with torch.random.fork_rng():
        yield


def _optimizer(optimizer: str | Optimizer) -> Optimizer:
    found = getattr(torch.optim, optimizer, None) if isinstance(optimizer, str) else optimizer
    if not callable(found):
        raise ValueError(f"optimizer must be the name of a class in torch.optim, got {optimizer!r}")
    made: Optimizer = found
    return made


def _floating(dtype: Any) -> torch.dtype:
    name = dtype
    if not isinstance(dtype, str | torch.dtype):
        # np.float32 is a class, np.dtype("float32") has a name.
        name = dtype.__name__ if isinstance(dtype, type) else getattr(dtype, "name", dtype)
    found = getattr(torch, name, None) if isinstance(name, str) else name
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise ValueError(f"dtype must be a floating-point dtype such as 'float16', got {dtype!r}")
    return found
