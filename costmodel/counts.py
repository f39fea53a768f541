"""What a cost is made of: the kinds of operation, the windows, the taps and the bytes.

Apart from the registry and the formulas because all three sides need it: formulas fill it in,
the registry hands it out, and whoever checks the model compares it field by field.
"""

from typing import Any, NamedTuple

from pooling.arguments import PoolingArguments
from pooling.arithmetic import Number

#: Bytes of one element, by the names that torch and NumPy share.
_BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}


#: The fields of :class:`Cost` that are operations.
OPERATIONS = ("comparisons", "additions", "multiplications", "divisions", "powers", "exponentials")


class Windows(NamedTuple):
    """What is known of the windows of a pooling, where it does not follow from its arguments.

    Attributes:
        outputs: Elements of the output; of a forward pass, one per window.
        taps: Positions of windows that fall inside the input, summed over all windows.
        output_shape: The shape of the output, leading axes included.
        touched: Elements of the input that some window reads, each counted once; ``None`` where
            shapes do not settle it.
    """

    outputs: Number
    taps: Number
    output_shape: tuple[Number, ...]
    touched: Number | None = None


class Cost(NamedTuple):
    """The exact cost of one operator on one input shape, by kind of operation.

    Fields are ints, or NumPy arrays or SymPy expressions where the shape or the arguments were,
    and cannot be changed. A named tuple rather than a dataclass, whose machinery alone would take
    half of the time in which this package has to load. What follows from the windows is counted
    when it is asked for, so that whoever wants the operations alone does not wait for the rest.

    Attributes:
        windows: The windows: the arguments of the pooling, or what is known of them.
        comparisons: Choices of the larger or the smaller of two numbers.
        additions: Additions of two numbers.
        multiplications: Multiplications of two numbers.
        divisions: Divisions of two numbers.
        powers: Numbers raised to a power; a root is a power.
        exponentials: Exponentials and logarithms.
        indices: The int64 indices that are handed out, or that a backward pass reads.

    >>> Cost(Windows(outputs=2, taps=6, output_shape=(1, 2)), additions=4, divisions=2).flops
    6
    """

    windows: PoolingArguments | Windows
    comparisons: Number = 0
    additions: Number = 0
    multiplications: Number = 0
    divisions: Number = 0
    powers: Number = 0
    exponentials: Number = 0
    indices: Number = 0

    @property
    def outputs(self) -> Number:
        """Elements of the output; of a forward pass, one per window."""
        return self.windows.outputs

    @property
    def taps(self) -> Number:
        """Positions of windows that fall inside the input, summed over all windows."""
        return self.windows.taps

    @property
    def output_shape(self) -> tuple[Number, ...]:
        """The shape of the output, leading axes included."""
        return self.windows.output_shape

    @property
    def inputs_read(self) -> Number | None:
        """Elements of the input that some window reads, each counted once.

        ``None`` where shapes do not settle it: fractional poolings draw their windows at random.
        """
        return self.windows.touched

    @property
    def flops(self) -> Number:
        """All operations together, one each: comparisons, additions, …, powers, exponentials."""
        # Taken apart at once: asking for each field by its name takes twice as long.
        _, comparisons, additions, multiplications, divisions, powers, exponentials, _ = self
        return comparisons + additions + multiplications + divisions + powers + exponentials

    def bytes_moved(self, dtype: Any = "float32") -> Number:
        """Return the compulsory traffic in bytes, when input and output have ``dtype``.

        Each element of the input that some window reads crosses the memory bus once, each element
        of the output once, and each index, of eight bytes, once. No implementation moves less;
        one without a cache may move every tap.

        Args:
            dtype: A name such as ``"float32"``, or a dtype of torch or NumPy.

        Raises:
            ValueError: An unknown dtype, or windows that are drawn at random.

        >>> cost = Cost(Windows(outputs=2, taps=6, output_shape=(1, 2), touched=5), indices=2)
        >>> cost.bytes_moved(), cost.bytes_moved("float16")
        (44, 30)
        """
        size = getattr(dtype, "itemsize", None)
        if isinstance(dtype, type):  # numpy.float32 is a class
            dtype = dtype.__name__
        if not isinstance(size, int):
            size = _BYTES.get(dtype) if isinstance(dtype, str) else None
        if size is None:
            raise ValueError(f"unknown dtype {dtype!r}; dtypes: {', '.join(_BYTES)}")
        read = self.inputs_read
        if read is None:
            raise ValueError(
                "bytes_moved of windows that are drawn at random, or of regions, does not follow "
                "from the shape"
            )
        return (read + self.outputs) * size + self.indices * 8

    def _repr_html_(self) -> str:
        """Return the counts as a notebook shows them: those that are not 0, and their sum."""
        from costmodel.whole.tables import html_table

        counts = {kind: getattr(self, kind) for kind in OPERATIONS}
        shown = {kind: count for kind, count in counts.items() if type(count) is not int or count}
        rows = [[kind, f"{count}"] for kind, count in {**shown, "flops": self.flops}.items()]
        return html_table(["operations", ""], rows)

    def to_dict(self) -> dict[str, Any]:
        """Return every count by its name.

        >>> Cost(Windows(outputs=2, taps=6, output_shape=(1, 2)), additions=4).to_dict()
        ... # doctest: +NORMALIZE_WHITESPACE
        {'outputs': 2, 'taps': 6, 'output_shape': (1, 2), 'comparisons': 0, 'additions': 4,
         'multiplications': 0, 'divisions': 0, 'powers': 0, 'exponentials': 0,
         'inputs_read': None, 'indices': 0}
        """
        names = ("outputs", "taps", "output_shape", *OPERATIONS, "inputs_read", "indices")
        return {name: getattr(self, name) for name in names}


def backwards(pooling: PoolingArguments) -> Windows:
    """Return the windows as a backward pass sees them: it reads what the forward pass wrote.

    What comes in has the shape of the output, and what goes out that of the input. The gradient
    of the input starts at zero, so the first gradient that reaches an element is added too.
    """
    return Windows(pooling.inputs, pooling.taps, pooling.input_shape, touched=pooling.outputs)
