"""What a whole model costs, operator by operator, without computing anything.

Apart from the registry because a model is not one operator: its forward pass runs on meta tensors,
which have a shape and a dtype but no values, and every operator that torch dispatches on the way
is looked up. It is the only module of this package that loads torch, so it is loaded when asked
for.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.nn.parameter import is_lazy
from torch.utils import flop_counter
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from costmodel.counts import OPERATIONS
from costmodel.flop_counter import PoolingCall, pooling_readers
from costmodel.layers import is_rebuilt, layer_call
from costmodel.model_cost import ModelCost, OperatorCost

#: Where the input stands among the tensors that an operator takes, if not first: after the bias.
_INPUT_POSITION = {"addmm": 1, "baddbmm": 1}

#: The elementwise operators of rebuilt poolings, by the operation that each element takes. A ReLU
#: is a comparison with 0, a subtraction an addition, and signs are free.
_ELEMENTWISE = {
    **dict.fromkeys(("relu", "relu_", "maximum", "minimum"), "comparisons"),
    **dict.fromkeys(("add", "add_", "sub", "sub_"), "additions"),
    **dict.fromkeys(("mul", "mul_"), "multiplications"),
    **dict.fromkeys(("div", "div_"), "divisions"),
}


def of_model(
    model: nn.Module,
    example_or_shape: Tensor | Sequence[int] | Sequence[Tensor | Sequence[int]],
    *,
    dtype: torch.dtype | str | None = None,
) -> ModelCost:
    """Return what the forward pass of ``model`` costs, operator by operator.

    Nothing is computed and no weight is copied: the pass runs on meta tensors in place of the
    parameters, the buffers and the input. The model stays as it is, and is counted in the mode it
    is in (training or evaluation); its own hooks run and see meta tensors.

    - Poolings, called as layers or as functions, are counted as :func:`costmodel.cost` counts
      them: only taps inside the input, comparisons and divisions included.
    - Pooling layers of torch, and modules that say what operator they apply, as those of
      :mod:`pooling` do, are that one operator, and what they dispatch is not looked at.
    - A pooling rebuilt from convolution and ReLU is the network that it runs: besides what is
      counted of any model, its elementwise additions, multiplications, divisions and ReLUs, one
      operation for each element of their floating-point results, together in a row
      ``"elementwise"``. All its rows count as pooling.
    - Convolutions, linear layers, matrix products and attention are counted by torch's own
      formulas, ``torch.utils.flop_counter``: two operations for each multiply-accumulate, padding
      charged, the bias not. So are operators for which ``register_flop_formula`` was called.
    - All others are listed in ``uncounted``.

    Of everything else, what is counted is what torch dispatches, a gradient that the forward pass
    takes of something included: of the functions of ``torch.nn.functional``, one-dimensional
    poolings as two-dimensional ones, LP pooling as the average pooling within it (its powers and
    roots are in ``uncounted``), global average pooling, which arrives as a mean, as adaptive
    pooling to one output, and indices not at all, since torch dispatches the same max-pooling
    whether they are asked for or not; attention as the matrix products of torch's reference
    implementation.

    Args:
        model: Any module. It may be on any device, the meta device included.
        example_or_shape: The input: a tensor, of which only shape and dtype are used, or a shape,
            ``(1, 3, 224, 224)``; for a model of several inputs a tuple of these.
        dtype: The dtype of the shapes given and, where it is not that of the model, of its
            floating-point parameters and of the examples as well. If left out, shapes have the
            dtype of the first floating-point parameter, float32 if there is none.

    Raises:
        TypeError: A model that is no module, an input that is neither tensor nor shape.
        ValueError: A negative size, an unknown dtype, or an input that the model cannot take; the
            message names the module and the operator, and says what torch says.
        RuntimeError: A model that needs values, for instance to decide what to do next, or whose
            parameters are not there yet.

    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    >>> cost = of_model(net, (1, 3, 32, 32))
    >>> [(row.module, row.operator, row.flops) for row in cost.rows]
    [('0', 'convolution', 442368), ('2', 'max_pool2d', 6144)]
    >>> f"{cost.pooling_share:.2%}", cost.uncounted
    ('1.37%', {'relu': 1})
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {model!r}")
    chosen = None if dtype is None else _floating(dtype)
    tensors = dict(model.named_parameters()) | dict(model.named_buffers())
    for name, tensor in tensors.items():
        if is_lazy(tensor):
            raise RuntimeError(
                f"{name!r} gets its shape from the first input: run the model once first"
            )
    own = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    inputs = [
        _meta(entry, chosen)
        if isinstance(entry, Tensor)
        else torch.empty(entry, dtype=chosen or own, device="meta")
        for entry in _entries(example_or_shape)
    ]
    state = {name: _meta(tensor, chosen) for name, tensor in tensors.items()}
    recorder = _Recorder(model)
    try:
        with recorder.following_modules(), recorder:
            functional_call(model, state, tuple(inputs))
    except Exception as error:
        raise recorder.explain(error, inputs) from error
    return ModelCost(
        type(model).__name__,
        tuple(tuple(tensor.shape) for tensor in inputs),
        recorder.finished_rows(),
        dict(recorder.uncounted),
    )


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes each operator that is dispatched, and the module at work."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.readers = pooling_readers()
        self.paths = {module: path for path, module in model.named_modules()}
        #: Path and type of the modules at work, the innermost last.
        self.stack = [("", type(model).__name__)]
        self.rows: list[dict[str, Any]] = []
        self.uncounted: Counter[str] = Counter()
        #: The module at work that is one operator as a whole, if there is one, and that operator.
        self.whole: nn.Module | None = None
        self.call: PoolingCall | None = None
        #: The rebuilt pooling at work, if there is one, its elementwise operations and their bytes.
        self.network: nn.Module | None = None
        self.elementwise: Counter[str] = Counter()
        self.elementwise_bytes = 0
        #: The error under way, the innermost module and the operator it came from.
        self.error: BaseException | None = None
        self.error_module = self.stack[0]
        self.error_operator = ""

    @contextmanager
    def following_modules(self) -> Iterator[None]:
        """Keep ``stack`` up to date."""

        def enter(module: nn.Module, args: Any) -> None:
            # A module that forward has made for itself goes by the path of the one it is made in.
            path = self.paths.get(module, self.stack[-1][0])
            self.stack.append((path, type(module).__name__))
            if not (self.whole is None and self.network is None):
                return
            if args and isinstance(args[0], Tensor):
                if is_rebuilt(module):
                    self.network = module
                    return
                self.call = _operator(module, args[0])
                self.whole = module if self.call is not None else None

        def leave(module: nn.Module, args: Any, output: Any) -> None:
            error = sys.exc_info()[1]
            if error is not None and error is not self.error:
                self.error, self.error_module = error, self.stack[-1]
                self.error_operator = ""
            if module is self.whole and self.call is not None:
                if error is None:
                    # Hooks of its own may have changed the input since.
                    call = self.call._replace(shape=tuple(args[0].shape))
                    self._add_pooling(call, [args[0]], output)
                self.whole = None
            if module is self.network:
                if error is None and self.elementwise:
                    self._add_elementwise(args[0], output)
                self.network = None
                self.elementwise.clear()
                self.elementwise_bytes = 0
            self.stack.pop()

        handles = [
            register_module_forward_pre_hook(enter),
            register_module_forward_hook(leave, always_call=True),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if torch.is_inference_mode_enabled():
            # Then operators arrive whole that are dispatched in their parts otherwise.
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        leaves = _tensors((args, kwargs))
        if any(leaf.is_meta for leaf in leaves):
            # Constants that the model keeps outside its buffers, or makes on the way.
            args, kwargs = tree_map_only(Tensor, lambda leaf: leaf.to("meta"), (args, kwargs))
        try:
            result = func(*args, **kwargs)
            if self.whole is None:
                self._note(func, args, kwargs, result, leaves)
        except Exception as error:
            self.error, self.error_module = error, self.stack[-1]
            self.error_operator = str(func.overloadpacket)
            raise
        return result

    def _note(
        self, func: Any, args: tuple[Any, ...], kwargs: Any, result: Any, read: list[Tensor]
    ) -> None:
        packet = func.overloadpacket
        name = str(packet).removeprefix("aten.")
        if packet in self.readers:
            shapes, named = tree_map_only(Tensor, lambda leaf: tuple(leaf.shape), (args, kwargs))
            call = self.readers[packet](*shapes, **named)
            if call is not None:
                self._add_pooling(call, read, result)
                return
        elif packet in flop_counter.flop_registry:
            formula = flop_counter.flop_registry[packet]
            flops = int(formula(*args, **kwargs, out_val=result))
            # Of a formula that somebody has registered it is not known what it counts.
            known = formula.__module__ == flop_counter.__name__
            self._add(
                read,
                result,
                operator=name,
                pooling=self.network is not None,
                operations=_halves(flops) if known else {},
                flops=flops,
                macs=flops // 2 if known else None,
                bytes_moved=_traffic(read, result),
            )
            return
        elif self.network is not None and name in _ELEMENTWISE and result.is_floating_point():
            self.elementwise[_ELEMENTWISE[name]] += result.numel()
            self.elementwise_bytes += _traffic(read, result)
            return
        if read and not func.is_view and packet is not torch.ops.aten._unsafe_view:
            self.uncounted[name] += 1

    def _add_pooling(self, call: PoolingCall, read: list[Tensor], result: Any) -> None:
        cost = call.cost()
        operations = {kind: int(getattr(cost, kind)) for kind in OPERATIONS}
        self._add(
            read,
            result,
            operator=call.operator,
            pooling=True,
            operations={kind: count for kind, count in operations.items() if count},
            flops=int(cost.flops),
            macs=None,
            bytes_moved=(
                None if cost.inputs_read is None else int(cost.bytes_moved(read[0].dtype))
            ),
        )

    def _add_elementwise(self, x: Tensor, output: Tensor) -> None:
        self._add(
            [x],
            output,
            operator="elementwise",
            pooling=True,
            operations=dict(self.elementwise),
            flops=self.elementwise.total(),
            macs=None,
            bytes_moved=self.elementwise_bytes,
        )

    def _add(self, read: list[Tensor], result: Any, **entries: Any) -> None:
        module, module_type = self.stack[-1]
        position = _INPUT_POSITION.get(entries["operator"], 0)
        entries |= {
            "module": module,
            "module_type": module_type,
            "input_shape": tuple(read[position].shape),
            "output_shape": tuple(_tensors(result)[0].shape),
        }
        self.rows.append(entries)

    def finished_rows(self) -> tuple[OperatorCost, ...]:
        """Return the rows with their shares, which only the end of the pass settles."""
        total = sum(row["flops"] for row in self.rows)
        return tuple(
            OperatorCost(**row, share=row["flops"] / total if total else 0.0) for row in self.rows
        )

    def explain(self, error: Exception, inputs: Sequence[Tensor]) -> Exception:
        """Return the error for the user: where it happened and what torch said."""
        (path, kind), operator = self.stack[0], ""
        if error is self.error:
            (path, kind), operator = self.error_module, self.error_operator
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in inputs)
        place = f"in module {path!r} ({kind})" if path else f"in {kind}"
        at = f", at {operator}" if operator else ""
        message = f"the forward pass on {shapes} failed {place}{at}: {error}"
        if isinstance(error, NotImplementedError) or re.search(
            r"\bmeta (tensor|device)", str(error)
        ):
            return RuntimeError(f"{message} (counting has shapes alone, no values)")
        return ValueError(message)


def _operator(module: nn.Module, x: Tensor) -> PoolingCall | None:
    """Return the operator that a module is on ``x``; of one that is none, its parts count."""
    try:
        call = layer_call(module)
        if call is None:
            return None
        described = PoolingCall(call[0], tuple(x.shape), call[1], call[2])
        described.cost()
    except (TypeError, ValueError):
        # No pooling layer, or an input for torch to take or to refuse.
        return None
    return described


def _floating(dtype: torch.dtype | str) -> torch.dtype:
    found = getattr(torch, dtype, None) if isinstance(dtype, str) else dtype
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise ValueError(f"dtype must be a floating-point dtype such as 'float16', got {dtype!r}")
    return found


def _entries(example_or_shape: Any) -> list[Any]:
    """Return the inputs one by one, each a tensor or a shape."""
    if isinstance(example_or_shape, Tensor) or _is_shape(example_or_shape):
        return [example_or_shape]
    several = isinstance(example_or_shape, tuple | list) and bool(example_or_shape)
    if several and all(isinstance(x, Tensor) or _is_shape(x) for x in example_or_shape):
        return list(example_or_shape)
    raise TypeError(
        "example_or_shape must be a tensor, a shape such as (1, 3, 224, 224) or a tuple of "
        f"these, got {example_or_shape!r}"
    )


def _is_shape(value: Any) -> bool:
    if not isinstance(value, tuple | list) or not value:
        return False
    if not all(type(size) is int for size in value):
        return False
    if min(value) < 0:
        raise ValueError(f"the sizes of example_or_shape must be at least 0, got {tuple(value)}")
    return True


def _meta(tensor: Tensor, dtype: torch.dtype | None) -> Tensor:
    """Return a tensor without values like ``tensor``; only floating-point ones change dtype."""
    wanted = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
    return torch.empty_like(tensor, dtype=wanted, device="meta")


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _distinct(tensors: list[Tensor]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors}.values())


def _bytes(tensor: Tensor) -> int:
    """Return the bytes of a tensor's elements; what is repeated by expanding it counts once."""
    sizes = [
        size
        for size, stride in zip(tensor.shape, tensor.stride(), strict=True)
        if stride or not size
    ]
    return prod(sizes) * tensor.element_size()


def _traffic(read: list[Tensor], result: Any) -> int:
    """Return the bytes of what is read and written, once each."""
    return sum(_bytes(leaf) for leaf in [*_distinct(read), *_tensors(result)])


def _halves(flops: int) -> dict[str, int]:
    """Return the two operations of each multiply-accumulate."""
    return {"additions": flops // 2, "multiplications": flops // 2} if flops else {}
