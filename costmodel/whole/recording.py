"""Notes each operator that torch dispatches in a pass, and the module at work.

Apart from the public function because the notes are taken operator by operator. A dispatch mode is
local to its thread, and the modules that report are a private copy, so that other threads neither
see the notes nor add to them.
"""

import functools
import re
import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._C._functorch import get_unwrapped, is_functorch_wrapped_tensor, maybe_get_bdim
from torch.overrides import TorchFunctionMode
from torch.utils import flop_counter
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from costmodel.counts import OPERATIONS
from costmodel.flop_counter import PoolingCall, pooling_readers
from costmodel.layers import is_rebuilt, layer_call
from costmodel.whole import elementwise
from costmodel.whole.reductions import REDUCTIONS, SAME_ELEMENTS, Reduction, Traces

#: Where the input stands among the tensors that an operator takes, if not first: after the bias.
_INPUT_POSITION = {"addmm": 1, "baddbmm": 1}

#: The elementwise operators of rebuilt poolings, by the operation that each element takes. A ReLU
#: is a comparison with 0, a subtraction an addition, and signs are free.
_REBUILT = {
    **dict.fromkeys(("relu", "relu_", "maximum", "minimum"), "comparisons"),
    **dict.fromkeys(("add", "add_", "sub", "sub_"), "additions"),
    **dict.fromkeys(("mul", "mul_"), "multiplications"),
    **dict.fromkeys(("div", "div_"), "divisions"),
}

#: What computes nothing and is no view: room for a result, and a number that Python reads.
_NOTHING = frozenset({"empty_like", "new_empty", "new_empty_strided", "_local_scalar_dense"})

#: Attention as a CPU computes it, which torch has no formula for but those of its other kernels.
_CPU_ATTENTION: dict[str, Any] = {
    "_scaled_dot_product_flash_attention_for_cpu": flop_counter.sdpa_flop_count,
    "_scaled_dot_product_flash_attention_for_cpu_backward": flop_counter.sdpa_backward_flop_count,
}

#: What autocast computes in the lower dtype, on every device: torch.amp, op-specific behaviour.
_AUTOCAST_LOWER = frozenset(
    {"convolution", "mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "addbmm"}
)
#: What it computes in float32 on a CUDA device.
_AUTOCAST_FLOAT32 = frozenset(
    {"_softmax", "_log_softmax", "native_layer_norm", "native_group_norm", "pow", "exp", "expm1",
     "log", "log1p", "log2", "log10", "rsqrt", "reciprocal", "sum", "cumsum", "prod", "norm",
     "linalg_vector_norm", "nll_loss_forward", "mse_loss", "softplus", "tan", "acos", "asin"}
)  # fmt: skip


#: How torch calls the nodes of reductions.
_NODES = ("MeanBackward", "SumBackward", "AmaxBackward", "AminBackward", "MaxBackward",
          "MinBackward")  # fmt: skip


class Place(NamedTuple):
    """A module at work."""

    path: str
    type: str
    module: nn.Module | None


class AutocastSeen(TorchFunctionMode):
    """Notes whether autocast is on: where operators are dispatched, torch has switched it off."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device
        #: What autocast computes in, ``None`` where it is off.
        self.dtype: torch.dtype | None = None

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Note the state and call the function."""
        on = torch.is_autocast_enabled(self.device)
        self.dtype = torch.get_autocast_dtype(self.device) if on else None
        return func(*args, **(kwargs or {}))


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes each operator that is dispatched while it is entered.

    Args:
        model: The private copy.
        modules: All modules of it.
        on_meta: Whether all tensors are to be without values.
        device: The type of the device that the pass stands for, which autocast asks about.
    """

    def __init__(
        self, model: nn.Module, modules: Sequence[nn.Module], *, on_meta: bool, device: str
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.on_meta = on_meta
        self.autocast = AutocastSeen(device)
        self.readers = pooling_readers()
        self.paths = {module: path for path, module in model.named_modules()}
        #: The modules at work, the innermost last.
        self.stack = [Place("", type(model).__name__, None)]
        self.phase = "forward"
        self.entries: list[dict[str, Any]] = []
        #: The module at work that is one operator as a whole, if there is one.
        self.whole: nn.Module | None = None
        #: The rebuilt pooling at work, if there is one, its elementwise operations and their bytes.
        self.network: nn.Module | None = None
        self.elementwise: Counter[str] = Counter()
        self.elementwise_bytes = 0
        #: The number of a node of the graph → what was reduced there, and where anything was done.
        self.reductions: dict[int, Reduction] = {}
        self.places: dict[int, Place] = {}
        #: The nodes of poolings whose backward pass is noted already.
        self.returned: set[int] = set()
        #: The error under way, the innermost module and the operator it came from.
        self.error: BaseException | None = None
        self.error_place = self.stack[0]
        self.error_operator = ""
        self.live_bytes = 0
        self.peak_bytes = 0
        self._watched: dict[int, weakref.ref[Any]] = {}
        self._free: set[int] = set()
        self._cast: set[int] = set()
        self.traces = Traces(self._watch)
        for module in modules:
            self._follow(module)

    # The modules

    def _follow(self, module: nn.Module) -> None:
        """Have a module of the copy say when it is at work."""
        forward = module.forward
        module.register_forward_pre_hook(self._enter, prepend=True)
        module.register_forward_hook(self._leave, always_call=True)

        @functools.wraps(forward)
        def followed(*args: Any, **kwargs: Any) -> Any:
            return self._forward(module, forward, args, kwargs)

        vars(module)["forward"] = followed

    def _place(self, module: nn.Module) -> Place:
        # A module that is registered nowhere goes by the path of the one that calls it.
        path = self.paths.get(module, self.stack[-1].path)
        return Place(path, type(module).__name__, module)

    def _enter(self, module: nn.Module, args: Any) -> None:
        self.stack.append(self._place(module))

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        while len(self.stack) > 1 and self.stack.pop().module is not module:
            pass

    def _forward(self, module: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        depth = len(self.stack)
        if self.stack[-1].module is not module:  # called past its hooks
            self.stack.append(self._place(module))
        try:
            return self._run(module, forward, args, kwargs)
        except Exception as error:
            if error is not self.error:
                self.error, self.error_place, self.error_operator = error, self.stack[-1], ""
            raise
        finally:
            del self.stack[depth:]

    def _run(self, module: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        x = args[0] if args else next(iter(kwargs.values()), None)
        if self.whole is not None or self.network is not None or not isinstance(x, Tensor):
            return forward(*args, **kwargs)
        if is_rebuilt(module):
            self.network = module
            try:
                output = forward(*args, **kwargs)
                if self.elementwise:
                    self._add_elementwise(x, output)
                return output
            finally:
                self.network = None
                self.elementwise.clear()
                self.elementwise_bytes = 0
        call = _operator(module, x)
        if call is None:
            return forward(*args, **kwargs)
        self.whole = module
        try:
            output = forward(*args, **kwargs)
        finally:
            self.whole = None
        self._add_pooling(call, [x], output)
        return output

    # The operators

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run an operator and note it."""
        kwargs = kwargs or {}
        if torch.is_inference_mode_enabled():
            # Then operators arrive whole that are dispatched in their parts otherwise.
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        name = str(func.overloadpacket).removeprefix("aten.")
        if name == "_assert_tensor_metadata":  # what an exported module says of its own devices
            return None
        leaves = _tensors((args, kwargs))
        if self.on_meta and any(leaf.is_meta for leaf in leaves):
            # Constants that the model keeps outside its buffers, or makes on the way.
            args, kwargs = tree_map_only(Tensor, lambda leaf: leaf.to("meta"), (args, kwargs))
            if kwargs.get("device") is not None:
                kwargs = kwargs | {"device": torch.device("meta")}
        try:
            if self.on_meta:
                args, leaves = self._autocast(name, args, leaves)
            result = func(*args, **kwargs)
            for leaf in _tensors(result):
                self._watch(leaf)
            self._note(func, name, args, kwargs, result, leaves)
        except Exception as error:
            self.error, self.error_place = error, self.stack[-1]
            self.error_operator = str(func.overloadpacket)
            raise
        return result

    def _note(
        self,
        func: Any,
        name: str,
        args: tuple[Any, ...],
        kwargs: Any,
        result: Any,
        read: list[Tensor],
    ) -> None:
        node: Any = torch._C._current_autograd_node()
        autograd: Any = torch.autograd
        number = autograd._get_sequence_nr() - 1 if node is None else node._sequence_nr()
        place = self.stack[-1]
        if node is None:
            # The first that is done under a number is what made the node of that number.
            self.places.setdefault(number, place)
        else:
            place = self.places.get(number, place)
            if self._goes_back(node.name(), number, place, read, result):
                return
        kind = REDUCTIONS.get(str(func))
        view = func.is_view or name == "_unsafe_view"
        if view:
            self.traces.view(name, args, result)
        elif kind is not None and node is None:
            # In a backward pass they undo what was broadcast.
            self._reduce(kind, name, args, kwargs, result, read, number)
            return
        if self.whole is not None or view or name in _NOTHING:
            return
        packet = func.overloadpacket
        if packet in self.readers and name != "mean":
            shapes, named = tree_map_only(Tensor, lambda leaf: tuple(leaf.shape), (args, kwargs))
            call = self.readers[packet](*shapes, **named)
            if call is not None:
                self._add_pooling(call, read, result, place)
                return
        flops, known = self._counted_by_torch(packet, name, args, kwargs, result)
        if flops is not None:
            if isinstance(result, Tensor):
                self.traces.alongside(name, args, result)
            self._add(
                read,
                result,
                place,
                operator=name,
                arguments=_convolution(args) if name == "convolution" else {},
                kind="product",
                pooling=self.network is not None,
                operations=_halves(flops) if known else {},
                flops=flops,
                # Of a formula that somebody has registered it is not known what it counts.
                macs=flops // 2 if known else None,
                bytes_moved=_traffic(read, result),
            )
            return
        if self.network is not None and name in _REBUILT and result.is_floating_point():
            self.elementwise[_REBUILT[name]] += result.numel()
            self.elementwise_bytes += _traffic(read, result)
            return
        total = self.traces.as_mean(name.rstrip("_"), args, result)
        if total is not None and total.entry and total.pooling:
            # A sum divided by the number of its terms is a mean.
            done = "divisions" if name.startswith("div") else "multiplications"
            total.operations[done] = total.operations.get(done, 0) + total.outputs
            total.entry["flops"] += total.outputs
            total.kind = "mean"
            self._elementwise(name.rstrip("_"), args, result)
            return
        if read:
            self._other(name, args, result, read, place, kwargs)

    def _counted_by_torch(
        self, packet: Any, name: str, args: Any, kwargs: Any, result: Any
    ) -> tuple[int | None, bool]:
        """Return what torch's formulas say, and whether the formula is torch's own."""
        formula = flop_counter.flop_registry.get(packet)
        if formula is not None:
            flops = int(formula(*args, **kwargs, out_val=result))
            return flops, formula.__module__ == flop_counter.__name__
        if name == "_grouped_mm":
            # Each row of the one meets one matrix of the other.
            inner = args[0].shape[-1]
            rows = prod(args[0].shape[:-1])
            return 2 * rows * inner * args[1].shape[-1], True
        if name in _CPU_ATTENTION:
            shapes = [leaf.shape for leaf in args if isinstance(leaf, Tensor)]
            return int(_CPU_ATTENTION[name](*shapes[: 4 if "backward" in name else 3])), True
        return None, False

    def _other(
        self,
        name: str,
        args: Any,
        result: Any,
        read: list[Tensor],
        place: Place,
        kwargs: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Note an operator that has no count of its own, with what a stated formula says."""
        stem = name[:-1] if name.endswith("_") and not name.startswith("_") else name
        formula = elementwise.formula(name)
        kind = elementwise.OTHER if formula is None else formula.kind
        results = _tensors(result)
        output = results[0] if results else None
        if isinstance(output, Tensor):
            smooth = kind in (elementwise.ELEMENTWISE, elementwise.ACTIVATION)
            if smooth or stem in SAME_ELEMENTS:
                self._elementwise(stem, args, output)
            else:
                self.traces.alongside(stem, args, output)
        counts = None if output is None else _stated(stem, args, read, output)
        if (
            counts
            and output is not None
            and {kwargs.get("alpha", 1), kwargs.get("value", 1)} != {1}
        ):
            # A factor of one of the operands, such as a learning rate.
            counts["multiplications"] = counts.get("multiplications", 0) + output.numel()
        self._add(
            read,
            result,
            place,
            counted=False,
            operator=name,
            arguments=_normalisation(stem, args),
            kind=kind,
            pooling=False,
            operations=counts,
            flops=sum((counts or {}).values()),
            macs=None,
            bytes_moved=_traffic(read, result),
        )

    def _elementwise(self, stem: str, args: Any, output: Tensor) -> None:
        found = self.traces.elementwise(stem, args, output)
        for reduction in found:
            reduction.pooling = False
            if reduction.entry:
                reduction.entry |= {"counted": False, "pooling": False, "kind": "normalisation"}
                reduction.entry["operator"] = (
                    reduction.entry.pop("plain", None) or (reduction.entry["operator"])
                )

    # Poolings

    def _reduce(
        self,
        kind: str,
        name: str,
        args: Any,
        kwargs: Any,
        result: Any,
        read: list[Tensor],
        number: int,
    ) -> None:
        """Note a mean, a sum or a maximum over axes."""
        x = args[0]
        output = _tensors(result)[0]
        dims = args[1] if len(args) > 1 else kwargs.get("dim")
        dims = [dims] if isinstance(dims, int) else dims
        reduction = self.traces.reduce(kind, x, dims, output)
        call = self.readers[torch.ops.aten.mean](tuple(x.shape), dims) if name == "mean" else None
        # This spelling is what torch makes of adaptive pooling to one output, batch or none.
        functional = call is not None and list(dims) == [-1, -2, -3][: len(dims)]
        if functional:
            reduction.pooling = True
        if self.whole is not None:
            reduction.pooling = True
        self.reductions.setdefault(number, reduction)
        if self.whole is not None:
            return
        reduction.entry = self._add(
            read,
            result,
            self.stack[-1],
            counted=reduction.pooling,
            operator=call.operator if call is not None and reduction.pooling else name,
            plain=name,
            arguments={"spelled": name if call is None or not functional else call.operator},
            kind=elementwise.REDUCTION,
            pooling=reduction.pooling,
            operations=reduction.operations,
            flops=sum(reduction.operations.values()),
            macs=None,
            bytes_moved=_traffic(read, output),
        )

    def _goes_back(
        self, node: str, number: int, place: Place, read: list[Tensor], result: Any
    ) -> bool:
        """Note the backward pass of a pooling by reduction, once, and say whether this is one."""
        if not node.startswith(_NODES):
            return False
        reduction = self.reductions.pop(number, None)
        if reduction is None:
            return number in self.returned
        if not reduction.pooling:
            return False
        self.returned.add(number)
        operations = {kind: count for kind, count in reduction.backward().items() if count}
        size = read[0].element_size() if read else 4
        entry = self._add(
            read,
            result,
            place,
            operator=f"{reduction.entry.get('operator', reduction.kind)}_backward",
            kind=elementwise.REDUCTION,
            pooling=True,
            operations=operations,
            flops=sum(operations.values()),
            macs=None,
            bytes_moved=size * (reduction.inputs + reduction.outputs),
        )
        entry["output_shape"] = reduction.entry.get("input_shape", entry["output_shape"])
        return True

    def _add_pooling(
        self, call: PoolingCall, read: list[Tensor], result: Any, place: Place | None = None
    ) -> None:
        cost = call.cost()
        operations = {kind: int(getattr(cost, kind)) for kind in OPERATIONS}
        entry = self._add(
            read,
            result,
            place or self.stack[-1],
            operator=call.operator,
            arguments={"args": call.args, "kwargs": call.kwargs},
            kind="pooling",
            pooling=True,
            operations={kind: count for kind, count in operations.items() if count},
            flops=int(cost.flops),
            macs=None,
            bytes_moved=(
                None if cost.inputs_read is None else int(cost.bytes_moved(read[0].dtype))
            ),
        )
        if not place:
            entry["input_shape"] = tuple(call.shape)

    def _add_elementwise(self, x: Tensor, output: Tensor) -> None:
        self._add(
            [x],
            output,
            self.stack[-1],
            operator="elementwise",
            kind="pooling",
            pooling=True,
            operations=dict(self.elementwise),
            flops=self.elementwise.total(),
            macs=None,
            bytes_moved=self.elementwise_bytes,
        )

    def _add(self, read: list[Tensor], result: Any, place: Place, **entries: Any) -> dict[str, Any]:
        position = _INPUT_POSITION.get(entries["operator"], 0)
        results = _tensors(result)
        entry = {
            "counted": True,
            "module": place.path,
            "module_type": place.type,
            "phase": self.phase,
            "input_shape": tuple(read[position].shape) if len(read) > position else (),
            "output_shape": tuple(results[0].shape) if results else (),
            "elements": sum(tensor.numel() for tensor in results),
            "arguments": {},
            **entries,
        }
        self.entries.append(entry)
        return entry

    # Storages

    def hold(self, tensors: Sequence[Tensor], *, free: bool = False) -> None:
        """Count the storages of these as held from the start, or, ``free``, not at all."""
        for tensor in tensors:
            if free:
                self._free.add(tensor.untyped_storage()._cdata)
            self._watch(tensor)

    def _watch(self, tensor: Tensor) -> int:
        """Return the key of a tensor's storage, and note when the storage is gone."""
        storage = tensor.untyped_storage()
        key: int = storage._cdata
        if key not in self._watched:
            size = 0 if key in self._free else storage.nbytes()
            this = weakref.ref(self)

            def gone(_: Any) -> None:
                recorder = this()
                if recorder is not None and recorder._watched.pop(key, None) is not None:
                    recorder.live_bytes -= size
                    recorder.traces.forget(key)
                    recorder._cast.discard(key)

            self._watched[key] = weakref.ref(storage, gone)
            self.live_bytes += size
            self.peak_bytes = max(self.peak_bytes, self.live_bytes)
        return key

    # Autocast, which looks at devices and finds none on meta tensors

    def _autocast(
        self, name: str, args: tuple[Any, ...], read: list[Tensor]
    ) -> tuple[tuple[Any, ...], list[Tensor]]:
        """Return the arguments in the dtype that autocast would give them."""
        lower = self.autocast.dtype
        if lower is None:
            return args, read
        if name in _AUTOCAST_LOWER:
            wanted = lower
        elif self.autocast.device == "cuda" and name in _AUTOCAST_FLOAT32:
            wanted = torch.float32
        else:
            return args, read

        def cast(tensor: Tensor) -> Tensor:
            if not tensor.is_floating_point() or tensor.dtype in (wanted, torch.float64):
                return tensor
            made = torch.empty_like(tensor, dtype=wanted)
            key = self._watch(tensor)
            # A weight is cast once, and its copy is kept while autocast lasts.
            if key not in self._cast:
                if key in self._free:
                    self._cast.add(key)
                if self.whole is None:
                    self._other("_to_copy", (tensor,), made, [tensor], self.stack[-1])
            return made

        args = tree_map_only(Tensor, cast, args)
        return args, _tensors(args)

    # Errors

    def explain(self, error: Exception, shapes: Sequence[tuple[int, ...]]) -> Exception:
        """Return the error for the user: where it happened and what torch said."""
        place, operator = self.stack[0], ""
        if error is self.error:
            place, operator = self.error_place, self.error_operator
        given = ", ".join(map(str, shapes)) or "nothing"
        where = f"in module {place.path!r} ({place.type})" if place.path else f"in {place.type}"
        at = f", at {operator}" if operator else ""
        message = f"the {self.phase} pass on {given} failed {where}{at}: {error}"
        if self.on_meta and needs_values(error):
            return RuntimeError(
                f"{message} (counting has shapes alone, no values; on='values' runs on tensors)"
            )
        return ValueError(message)


def needs_values(error: Exception) -> bool:
    """Say whether an error is one that tensors without values bring about."""
    return isinstance(error, NotImplementedError) or bool(
        re.search(r"\bmeta (tensor|device)|data-dependent", str(error))
    )


def _operator(module: nn.Module, x: Tensor) -> PoolingCall | None:
    """Return the operator that a module is on ``x``; of one that is none, its parts count."""
    try:
        call = layer_call(module)
        if call is None:
            return None
        plain = PoolingCall(call[0], tuple(x.shape), call[1], call[2])
        plain.cost()
        described = plain._replace(shape=_physical_shape(call[0], x))
        described.cost()
    except (TypeError, ValueError):
        # No pooling layer, or an input for torch to take or to refuse.
        return None
    return described


def _physical_shape(operator: str, x: Tensor) -> tuple[int, ...]:
    """Return the shape of all that is pooled: what ``torch.func.vmap`` maps over is more batch."""
    times, shape = 1, tuple(x.shape)
    while is_functorch_wrapped_tensor(x):
        axis = maybe_get_bdim(x)
        inner = get_unwrapped(x)
        if axis >= 0:
            times *= inner.shape[axis]
        x = inner
    if times == 1:
        return shape
    dimensions = int(re.findall(r"(\d)d", operator)[-1])
    return (times, *shape) if len(shape) == dimensions + 1 else (times * shape[0], *shape[1:])


def _convolution(args: Any) -> dict[str, Any]:
    """Return what other ways to count ask of a convolution."""
    _, weight, bias, stride, padding, dilation, transposed, _, groups = args
    return {
        "weight": tuple(weight.shape),
        "bias": bias is not None,
        "stride": tuple(stride),
        "padding": tuple(padding),
        "dilation": tuple(dilation),
        "transposed": transposed,
        "groups": groups,
    }


def _normalisation(stem: str, args: Any) -> dict[str, Any]:
    """Return what other ways to count ask of a normalisation; of anything else, nothing."""
    places = {"native_batch_norm": 1, "native_layer_norm": 2, "native_group_norm": 1}
    if stem not in places:
        return {}
    affine = isinstance(args[places[stem]], Tensor)
    return {"affine": affine, "training": stem != "native_batch_norm" or bool(args[5])}


def _stated(stem: str, args: Any, read: list[Tensor], output: Tensor) -> dict[str, int] | None:
    """Return what a stated formula says of an operator."""
    formula = elementwise.formula(stem)
    if formula is None:
        return None
    x = read[0]
    inputs, rows, affine, statistics = x.numel(), output.numel(), 0, True
    if stem in ("native_layer_norm", "_fused_rms_norm", "rms_norm"):
        rows = inputs // max(prod(args[1]), 1)
        affine = sum(isinstance(arg, Tensor) for arg in args[2:4])
    elif stem == "native_batch_norm":
        rows = x.shape[1] if x.dim() > 1 else 1
        affine = sum(isinstance(arg, Tensor) for arg in args[1:3])
        statistics = bool(args[5])
    elif stem == "native_group_norm":
        rows = args[3] * args[6]
        affine = sum(isinstance(arg, Tensor) for arg in args[1:3])
    elif formula.kind == elementwise.SOFTMAX:
        dim = args[2] if stem.endswith("_backward_data") else args[1]
        rows = inputs // max(x.shape[dim] if x.dim() else 1, 1)
    elif stem in ("max", "min") and len(args) > 1 and isinstance(args[1], Tensor):
        return {"comparisons": output.numel()}
    elif stem == "cumsum" and x.dim():
        rows = inputs // max(x.shape[args[1]], 1)
    elif stem == "clamp":
        bounds = sum(bound is not None for bound in args[1:3])
        return {"comparisons": bounds * output.numel()}
    if not output.is_floating_point() and not x.is_floating_point():
        return {}  # whole numbers and masks are places, not values
    return elementwise.operations(stem, output.numel(), inputs, rows, affine, statistics)


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _distinct(tensors: list[Tensor]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors}.values())


def storage_bytes(tensor: Tensor) -> int:
    """Return the bytes of a tensor's elements; what is repeated by expanding it counts once."""
    sizes = [
        size
        for size, stride in zip(tensor.shape, tensor.stride(), strict=True)
        if stride or not size
    ]
    return prod(sizes) * tensor.element_size()


def _traffic(read: list[Tensor], result: Any) -> int:
    """Return the bytes of what is read and written, once each."""
    return sum(storage_bytes(leaf) for leaf in [*_distinct(read), *_tensors(result)])


def _halves(flops: int) -> dict[str, int]:
    """Return the two operations of each multiply-accumulate."""
    return {"additions": flops // 2, "multiplications": flops // 2} if flops else {}
