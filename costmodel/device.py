"""How fast a device can pool at best: arithmetic intensity and the roofline.

Apart from the registry because it is the one place that knows devices, those of ``devices.toml``.
A layer has an *intensity*, operations for each byte that it has to move. A device has a *ridge*,
the intensity at which its arithmetic and its memory take equally long. Below the ridge the memory
sets the pace.

Source: Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for
multicore architectures", Communications of the ACM 52(4), 2009.

**What a peak is here.** Vendors count a fused multiply-add as two operations. Pooling has none to
fuse: a comparison, an addition or a division takes an instruction of its own, and tensor cores do
not help. So the roof is *half* of the vendor's figure for vector arithmetic, one operation for
each lane in each cycle. That is still a bound and no forecast: on NVIDIA devices of compute
capability 8.6 to 9.0 comparisons run at half the rate of additions again (CUDA C++ Programming
Guide, table of the throughput of native arithmetic instructions), torch spends two instructions on
one (the other looks for NaN), and a division takes several. An instruction that chooses among
three numbers does two comparisons at once; on the devices below none does better than the roof.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from costmodel.registry import cost
from pooling.arithmetic import Number, maximum, minimum

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True)
class Device:
    """What the datasheet of a device says.

    Attributes:
        name: What the device is asked for by.
        peak_flops: The vendor's peak of vector arithmetic, without tensor or matrix cores, in
            FLOP/s by the name of the dtype; a fused multiply-add counts as two.
        bandwidth: The peak bandwidth of its memory, in bytes/s.
        source: Where the figures stand.
        matrix_flops: The vendor's peak of its tensor or matrix cores on dense matrices, by the
            dtype of the operands; where torch may round float32 to TF32 on the way, that peak.
        names: What ``torch.cuda.get_device_name()`` calls it: it is known by these as well.

    Raises:
        ValueError: An empty name or source, no peak at all, or a figure that is not positive and
            finite.
        TypeError: A name or source that is no string, peaks that are no mapping, a figure that is
            no number.

    >>> Device("toy", {"float32": 2e9}, bandwidth=1e9, source="made up").ridge("float32")
    1.0
    >>> Device("toy", {"float32": 2e9}, bandwidth=0, source="made up")
    Traceback (most recent call last):
    ...
    ValueError: bandwidth must be above 0 and finite, got 0
    """

    name: str
    peak_flops: Mapping[str, float]
    bandwidth: float
    source: str
    matrix_flops: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no datasheet says."""
        for attribute in ("name", "source"):
            value = getattr(self, attribute)
            if not isinstance(value, str):
                raise TypeError(f"{attribute} of a device must be a string, got {value!r}")
            if not value:
                raise ValueError(f"{attribute} of a device must not be empty")
        if not isinstance(self.peak_flops, Mapping):
            raise TypeError(f"peak_flops must map dtypes to figures, got {self.peak_flops!r}")
        if not self.peak_flops:
            raise ValueError(
                f"device {self.name!r} has no peak_flops: at least one dtype is needed"
            )
        for dtype, peak in self.peak_flops.items():
            _check_figure(f"peak_flops of {dtype!r}", peak)
        for dtype, peak in self.matrix_flops.items():
            _check_figure(f"matrix_flops of {dtype!r}", peak)
        _check_figure("bandwidth", self.bandwidth)

    def operations_per_second(self, dtype: Any = "float32") -> float:
        """Return how many unfused operations the device does at most, per second.

        Half of ``peak_flops``; see the head of this module.

        Raises:
            ValueError: A dtype that the device has no figure for.
        """
        name = dtype_name(dtype)
        if name not in self.peak_flops:
            raise ValueError(
                f"device {self.name!r} has no peak for dtype {name!r}; "
                f"dtypes: {', '.join(self.peak_flops)}"
            )
        return self.peak_flops[name] / 2

    def products_per_second(self, dtype: Any = "float32") -> float:
        """Return how many operations of matrix products the device does at most, per second.

        The larger of both peaks, in which a multiply-accumulate is two operations.

        Raises:
            ValueError: A dtype that the device has no figure for.
        """
        name = dtype_name(dtype)
        return max(2 * self.operations_per_second(name), self.matrix_flops.get(name, 0.0))

    def ridge(self, dtype: Any = "float32") -> float:
        """Return the intensity, in operations/byte, from which on arithmetic sets the pace.

        Raises:
            ValueError: A dtype that the device has no figure for.
        """
        return self.operations_per_second(dtype) / self.bandwidth


def _check_figure(name: str, value: Any) -> None:
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r} of type {type(value).__name__}")
    if not 0 < float(value) < inf:
        raise ValueError(f"{name} must be above 0 and finite, got {value}")


class Roofline(NamedTuple):
    """The best that a device can do on one operator.

    On an empty batch there is nothing to do: no operations, bytes or seconds. It has no intensity,
    which is nan, as is ``attainable_flops``, and the bound is given as ``"memory"``.

    Attributes:
        device: The name of the device.
        dtype: The dtype of input and output.
        flops: The operations of the operator.
        bytes_moved: Its compulsory traffic, in bytes.
        intensity: ``flops / bytes_moved``, in operations/byte.
        ridge: The intensity at which arithmetic and memory take equally long, in operations/byte.
        attainable_flops: The smaller of two roofs, in operations/s: the device's peak of unfused
            operations, and bandwidth × intensity.
        bound: ``"memory"`` below the ridge, ``"compute"`` from there on.
        seconds: The least time it takes: operations and traffic at their peaks, overlapped.
    """

    device: str
    dtype: str
    flops: Number
    bytes_moved: Number
    intensity: Number
    ridge: float
    attainable_flops: Number
    bound: Any
    seconds: Number


@cache
def _devices() -> dict[str, Device]:
    """Return the known devices by name, at first those of ``devices.toml``."""
    import tomllib

    data = tomllib.loads(Path(__file__).with_name("devices.toml").read_text(encoding="utf-8"))
    known = [
        Device(**{**entry, "names": tuple(entry.get("names", ()))}) for entry in data["device"]
    ]
    return {device.name: device for device in known}


def devices() -> tuple[Device, ...]:
    """Return the devices that are known, those that a user has registered last.

    >>> [device.name for device in devices()][:4]
    ['V100 SXM2', 'A100 SXM 80GB', 'H100 SXM', 'H200 SXM']
    """
    return tuple(_devices().values())


def register_device(device: Device) -> None:
    """Make a device known by its name.

    Raises:
        TypeError: What is no :class:`Device`.
        ValueError: A name that is taken.

    >>> register_device(Device("H100 SXM", {"float32": 1e12}, 1e12, "made up"))
    Traceback (most recent call last):
    ...
    ValueError: device 'H100 SXM' is known already
    """
    if not isinstance(device, Device):
        raise TypeError(f"device must be a costmodel.Device, got {device!r}")
    for name in (device.name, *device.names):
        if _by_name(name) is not None:
            raise ValueError(f"device {name!r} is known already")
    _devices()[device.name] = device


def intensity(
    operator: str | Module,
    shape: Sequence[Number],
    *args: Any,
    dtype: Any = "float32",
    **kwargs: Any,
) -> Number:
    """Return the operations of ``operator`` for each byte that it has to move.

    A float for ints, elementwise for arrays, an expression for symbols; nan where nothing is
    moved, on an empty batch. Arguments and errors are those of :func:`costmodel.bytes_moved`.

    >>> intensity("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    0.3946588010204082
    >>> intensity("max_pool2d", (1, 1, 64, 64), kernel_size=2, dtype="float64")
    0.075
    """
    needs = cost(operator, shape, *args, **kwargs)
    return _quotient(needs.flops, needs.bytes_moved(dtype))


def roofline(
    device: str | Device,
    operator: str | Module,
    shape: Sequence[Number],
    *args: Any,
    dtype: Any = "float32",
    **kwargs: Any,
) -> Roofline:
    """Return the best that ``device`` can do on ``operator``.

    Args:
        device: The name of one of :func:`devices`, or a :class:`Device`.
        operator: The operator, its input shape and its arguments, as in :func:`costmodel.cost`.
            Arrays give arrays; symbols are refused, since which roof is lower is a matter of
            numbers.
        shape: See ``operator``.
        args: See ``operator``.
        dtype: The dtype of input and output: a name or a dtype of torch or NumPy.
        kwargs: See ``operator``.

    Raises:
        ValueError: An unknown device or one without a figure for ``dtype``, and the errors of
            :func:`costmodel.bytes_moved`.
        TypeError: Symbols, and the errors of :func:`costmodel.cost`.

    >>> best = roofline("H100 SXM", "max_pool2d", (32, 64, 112, 112), 3, 2, 1)
    >>> best.bound, f"{best.ridge:.1f} operations/byte", f"{best.seconds * 1e6:.1f} µs"
    ('memory', '10.0 operations/byte', '38.3 µs')
    """
    chosen = known_device(device)
    peak = chosen.operations_per_second(dtype)
    needs = cost(operator, shape, *args, **kwargs)
    operations, traffic = needs.flops, needs.bytes_moved(dtype)
    if hasattr(operations, "free_symbols") or hasattr(traffic, "free_symbols"):
        raise TypeError("roofline needs numbers, got symbols; intensity takes them")
    ratio = _quotient(operations, traffic)
    ridge = chosen.ridge(dtype)
    return Roofline(
        device=chosen.name,
        dtype=dtype_name(dtype),
        flops=operations,
        bytes_moved=traffic,
        intensity=ratio,
        ridge=ridge,
        attainable_flops=minimum(peak, chosen.bandwidth * ratio),
        bound=_choose(ratio >= ridge, "compute", "memory"),
        seconds=maximum(operations / peak, traffic / chosen.bandwidth),
    )


def known_device(device: str | Device) -> Device:
    """Return the device of a name, or the device itself.

    Raises:
        ValueError: An unknown name.
        TypeError: What is neither.

    >>> known_device("NVIDIA H200").name
    'H200 SXM'
    """
    if isinstance(device, Device):
        return device
    if not isinstance(device, str):
        raise TypeError(f"device must be a name or a costmodel.Device, got {device!r}")
    found = _by_name(device)
    if found is None:
        raise ValueError(
            f"unknown device {device!r};{_closest(device)} Devices: {', '.join(_devices())}"
        )
    return found


def _by_name(name: str) -> Device | None:
    """Return the device of a name, ours or the one that torch gives."""
    known = _devices()
    return known.get(name) or next((d for d in known.values() if name in d.names), None)


def _closest(name: str) -> str:
    """Return a suggestion: a name that contains this one, or that is spelt alike."""
    from difflib import get_close_matches

    folded = {known.casefold(): known for known in _devices()}
    wanted = name.casefold()
    close = [known for known in folded if wanted and wanted in known]
    close = close or get_close_matches(wanted, folded, n=1)
    return f" did you mean {folded[close[0]]!r}?" if close else ""


def dtype_name(dtype: Any) -> str:
    """Return ``"float32"`` for the name and for the dtypes of torch and NumPy, classes included.

    >>> dtype_name("float32"), dtype_name(float)
    ('float32', 'float')
    """
    if isinstance(dtype, type):
        return dtype.__name__
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", str(dtype))
    return str(name).removeprefix("torch.")


def _quotient(operations: Number, traffic: Number) -> Number:
    if type(traffic) is int:
        return operations / traffic if traffic else float("nan")
    return operations / traffic


def _choose(condition: Any, yes: str, no: str) -> Any:
    if isinstance(condition, bool):
        return yes if condition else no
    return sys.modules["numpy"].where(condition, yes, no)
