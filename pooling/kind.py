"""A kind of pooling as one entry: its names, its arguments, its definition and its modules.

Whatever else speaks of a pooling follows from its entry: the functions and modules of
:mod:`pooling`, the operators that :mod:`costmodel` counts, the references of the judge, the pages
and the lists. Entries are the files of :mod:`pooling.kinds`, found by being there, and each is
loaded when it is first asked for; none loads NumPy or torch before something is computed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, update_wrapper
from importlib import import_module
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec

from pooling.arguments import NO_OPTIONS, PoolingArguments
from pooling.arithmetic import Number

if TYPE_CHECKING:
    from inspect import Parameter, Signature

    from pooling.evaluation import Array, Numbers

P = ParamSpec("P")

#: What reads the arguments of an operator: (dimensions, shape, *arguments) → what they come to.
Reader = Callable[Concatenate[int, Sequence[Number], P], PoolingArguments]

#: Arguments that change no value, so that definitions do not take them.
WITHOUT_VALUE = ("return_indices", "training", "regions", "query")

#: What the definitions say of the arguments that many of them take.
_DESCRIBED = {
    "kernel_size": "A tuple with one entry per spatial axis, which also says how many there are.",
    "stride": "The elements from one window to the next; ``kernel_size`` if left out.",
    "padding": "The elements added on each side of an axis.",
    "dilation": "The elements from one position of a window to the next.",
    "ceil_mode": "Whether a last window may overhang the padded input.",
    "count_include_pad": "Whether the divisor counts the padding a window covers. What\n"
    "    ``ceil_mode`` makes a window overhang beyond the padding never counts.",
    "divisor_override": "The divisor of every window, if given.",
    "padding_convention": "What ``padding`` means, one of the names in\n"
    "    :mod:`pooling.conventions`.",
    "output_size": "A tuple with the number of windows of each spatial axis, which also says how\n"
    "    many axes there are; ``None`` for as many as elements, if there is more than one axis.",
}


class Kind(Generic[P]):
    """One kind of pooling in all its dimensions.

    Called with its definition, ``(array, arguments) → array``, it returns the public function,
    which takes an array and the operator's own arguments.

    Args:
        module: The ``__name__`` of the file of the entry, which names the kind, and its operators
            without their dimensions: ``max_pool`` of ``max_pool2d``.
        title: What it is called in a heading.
        computes: What it computes, as what follows "It is …": the largest tap of every window.
        source: Paper, framework or exercise that it comes from.
        read: Reads and checks the arguments; their names, order and defaults are the operator's.
        torch_layer: The name of torch's layers without dimensions; empty if torch has none.
        layers: Names of this package's layers without dimensions → the module that holds the
            class of that name, or a function that returns it.
        fixed: Names of layers → the arguments of the operator that they fix.
        also: Further names that people give it, without *pooling*.
        same_as: The kind that it is another name of, so that what is true of that is true of it.
        dimensions: Over how many axes there is such an operator.
        absent: Number of axes → arguments that the operator over so many lacks.
        left: Why :func:`pooling.rebuild` leaves torch's layers of it as they are.
        chooses: Whether every output is one of the taps, so that nothing is ever rounded.
        stacks: Whether it puts several channels in the place of each: first all channels of the
            input, then as many of each further part.
        beside: What the definition is given besides the arguments → its default, ``...`` if it
            must be given. Values then do not follow from the input alone.
        described: Argument → what the page of the public function says of it.
        example: Arguments for an example, where 2 for a window and 7 for outputs will not do.

    >>> kind("max_pool").title, kind("max_pool").names[:2]
    ('Max-pooling', ('max_pool', 'MaxPool'))
    """

    #: The definition: an array and the arguments as read → an array.
    define: Callable[..., Array]

    def __init__(
        self,
        module: str,
        *,
        title: str,
        computes: str,
        source: str,
        read: Reader[P],
        torch_layer: str = "",
        layers: Mapping[str, str | Callable[[], type[Any]]] = NO_OPTIONS,
        fixed: Mapping[str, Mapping[str, Any]] = NO_OPTIONS,
        also: tuple[str, ...] = (),
        same_as: str = "",
        dimensions: tuple[int, ...] = (1, 2, 3),
        absent: Mapping[int, tuple[str, ...]] = NO_OPTIONS,  # type: ignore[assignment]
        left: str = "",
        chooses: bool = False,
        stacks: bool = False,
        beside: Mapping[str, Any] = NO_OPTIONS,
        described: Mapping[str, str] = NO_OPTIONS,
        example: Mapping[str, Any] = NO_OPTIONS,
    ) -> None:
        self.family = module.rpartition(".")[2]
        self.title = title
        self.computes = computes
        self.source = source
        self.read = read
        self.torch_layer = torch_layer
        self.layers = layers
        self.fixed = fixed
        self.also = also
        self.same_as = same_as
        self.dimensions = dimensions
        self.absent = absent
        self.left = left
        self.chooses = chooses
        self.stacks = stacks
        self.beside = beside
        self.described = described
        self.example = example
        self._made: dict[str, Any] = {}
        _registered[self.family] = self

    def __call__(self, define: Callable[..., Array]) -> Callable[Concatenate[Numbers, P], Array]:
        """Take the definition, and return the public function."""
        self.define = define

        def public(x: Numbers, *args: P.args, **kwargs: P.kwargs) -> Array:
            import numpy

            given: dict[str, Any] = dict(kwargs)
            beside = {name: given.pop(name, self.beside[name]) for name in self.beside}
            for name in self.needs:
                if beside[name] is ...:
                    raise TypeError(f"missing a required argument: '{name}'")
            array = numpy.asarray(x)
            return define(array, self.read_for(array, args, given), **beside)

        update_wrapper(public, define)
        del public.__wrapped__  # type: ignore[attr-defined] # it takes other arguments
        public.__doc__ = self._page(define.__doc__ or "")
        return public  # type: ignore[return-value] # x may be given by name as well

    @property
    def names(self) -> tuple[str, ...]:
        """All names of it, without dimensions: the operator's, its layers', what people say."""
        layers = dict.fromkeys(
            (self.torch_layer, *self.layers) if self.torch_layer else self.layers
        )
        return (self.family, *layers, *self.also)

    @property
    def operators(self) -> tuple[str, ...]:
        """The names of the operators: ``max_pool1d``, ``max_pool2d``, ``max_pool3d``."""
        return tuple(f"{self.family}{count}d" for count in self.dimensions)

    def parameters(self, dimensions: int = 2) -> Mapping[str, Parameter]:
        """Return the arguments of the operator over so many axes, after the shape, by name.

        >>> list(kind("adaptive_max_pool").parameters())
        ['output_size', 'return_indices']
        """
        lacking = self.absent.get(dimensions, ())
        return {name: p for name, p in parameters_of(self.read).items() if name not in lacking}

    def positional(self, dimensions: int = 2) -> tuple[str, ...]:
        """Return the names of those arguments that may be given by position, in their order."""
        lacking = (*self.absent.get(dimensions, ()), *_keywords(self.read))
        return tuple(name for name in _names_of(self.read) if name not in lacking)

    def signature(self) -> Signature:
        """Return the signature of the public function."""
        from inspect import Parameter, Signature

        x = Parameter("x", Parameter.POSITIONAL_OR_KEYWORD)
        beside = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=default)
            for name, default in self.beside.items()
        ]
        own = [p for name, p in self.parameters().items() if name not in WITHOUT_VALUE]
        return Signature([x, *own, *beside])

    def check(self, given: Mapping[str, Any]) -> None:
        """Refuse what the operator refuses whatever its input: a temperature, a proportion.

        Raises what the reader does.
        """
        _, _, options = getattr(self.read, "extends", (None, None, {}))
        for name in options.keys() & given.keys():
            options[name][1](given[name])

    @cached_property
    def sizes(self) -> str:
        """The argument that has one entry per spatial axis."""
        return "kernel_size" if "kernel_size" in self.parameters() else "output_size"

    @property
    def needs(self) -> tuple[str, ...]:
        """What must be given besides the input, such as random numbers or indices."""
        return tuple(name for name, default in self.beside.items() if default is ...)

    def layer_names(self) -> tuple[str, ...]:
        """Return the names of its layers in this package, with dimensions.

        >>> kind("lp_pool").layer_names()[0]
        'PowerAveragePool1d'
        """
        return tuple(f"{name}{count}d" for name in self.layers for count in self.dimensions)

    def layer_class(self, name: str) -> Any:
        """Return the class of a layer of this package, such as ``MaxPool2d``; loads torch.

        It is the class of that name without dimensions, with its dimensions, made once.

        Raises ``KeyError`` if there is none of that name.
        """
        if name not in self._made:
            called, dimensions = name[:-2], int(name[-2])
            held = self.layers[called]
            base = getattr(import_module(held), called) if isinstance(held, str) else held()
            taken = self.layer_signature(base, further=True)
            attributes = {"dimensions": dimensions, "__module__": "pooling", "__signature__": taken}
            self._made[name] = type(name, (base,), attributes)
        return self._made[name]

    def layer_arguments(self, layer: Any) -> tuple[str, ...]:
        """Return the names of the operator's arguments that are attributes of a layer."""
        left = (*WITHOUT_VALUE, *layer.fixes)
        return (*(name for name in self.positional() if name not in left), *layer.by_name)

    def layer_signature(self, layer: Any, further: bool = False) -> Signature:
        """Return the signature of what a layer takes of the operator's arguments.

        With ``further``, of what its class takes besides by name as well.
        """
        from inspect import Parameter, Signature, signature

        parameters = self.parameters()
        own = [
            parameters[name].replace(default=layer.defaults.get(name, parameters[name].default))
            for name in layer.takes or self.layer_arguments(layer)
        ]
        _, *besides = signature(layer.__init__).parameters.values()
        named = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
        own += [p for p in besides if further and p.kind in named]
        return Signature(sorted(own, key=lambda p: p.kind))

    def read_for(self, array: Array, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Read the arguments of the public function for an ``array`` of any leading axes.

        Raises what :attr:`read` does, ``TypeError`` for arguments that do not fit, and what
        :func:`spatial_sizes` does.
        """
        from inspect import Signature

        taken = [p for name, p in self.parameters().items() if name not in WITHOUT_VALUE]
        bound = Signature(taken).bind(*args, **kwargs).arguments
        if self.sizes not in bound:
            raise TypeError(f"missing a required argument: '{self.sizes}'")
        entries = bound[self.sizes]
        # A pyramid has sizes for each of its levels.
        nested = isinstance(entries, tuple | list) and isinstance((*entries, 0)[0], tuple | list)
        sizes = spatial_sizes(array, self.sizes, entries[0] if nested else entries)
        if len(sizes) == 1 and not nested:
            bound[self.sizes] = entries[0]
        read: Callable[..., PoolingArguments] = self.read
        return read(len(sizes), (1, *sizes), **bound)

    def _page(self, docstring: str) -> str:
        """Return the text of the definition with the arguments of the public function."""
        listed = [name for name in _names_of(self.read) if name not in WITHOUT_VALUE]
        lines = ["x: Numbers of shape ``(*leading, *spatial)``: an array of any real dtype, or"]
        lines += [
            "    nested lists. The leading axes (batch, channels, none at all) are left alone."
        ]
        for name in (*listed, *self.beside):
            said = self.described.get(name) or _DESCRIBED[name]
            lines += f"{name}: {said}".split("\n")
        block = "".join(f"        {line}\n" for line in lines)
        return docstring.replace("    Returns:\n", f"    Args:\n{block}\n    Returns:\n", 1)


_registered: dict[str, Kind[Any]] = {}


@cache
def families() -> tuple[str, ...]:
    """Return the names of all kinds, without dimensions, sorted; none is loaded.

    >>> "max_pool" in families()
    True
    """
    files = os.listdir(os.path.join(os.path.dirname(__file__), "kinds"))
    return tuple(sorted(name[:-3] for name in files if name.endswith(".py") and name[0] != "_"))


def kind(family: str) -> Kind[Any]:
    """Return the kind of that name, without dimensions.

    Raises ``KeyError`` if there is none.
    """
    if family not in _registered:
        if family not in families():
            raise KeyError(family)
        import_module(f"pooling.kinds.{family}")
    return _registered[family]


def kinds() -> Iterator[Kind[Any]]:
    """Yield every kind, in the order of their names."""
    return map(kind, families())


def operator_named(name: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the operator that a name with dimensions stands for, and the arguments it fixes.

    The name of a function, as ``max_pool2d``, or of a layer, as ``MaxPool2d``; ``None`` for
    anything else.

    >>> operator_named("MaxPool2d"), operator_named("GlobalAvgPool1d")
    (('max_pool2d', {}), ('adaptive_avg_pool1d', {'output_size': 1}))
    """
    called, dimensions = name[:-2], name[-2:]
    for entry in kinds():
        spelled = (entry.family, entry.torch_layer, *entry.layers)
        if called in spelled and f"{entry.family}{dimensions}" in entry.operators:
            return f"{entry.family}{dimensions}", entry.fixed.get(called, {})
    return None


def split_operator(operator: str) -> tuple[str, int] | None:
    """Return the family and the dimensions of an operator's name; ``None`` if it is no such name.

    >>> split_operator("max_pool2d"), split_operator("relu")
    (('max_pool', 2), None)
    """
    family, dimensions = operator[:-2], operator[-2:]
    if dimensions not in ("1d", "2d", "3d") or family not in families():
        return None
    return family, int(dimensions[0])


def with_options(
    read: Callable[..., PoolingArguments],
    *dropped: str,
    **options: tuple[Any, Callable[[Any], object]],
) -> Callable[..., PoolingArguments]:
    """Return a reader of the arguments of ``read`` and of ``options`` after them.

    Args:
        read: Another reader.
        dropped: Arguments of ``read``, from the last on, that are not taken.
        options: Argument → its default, and a function that raises if a value is refused.

    >>> from pooling.kinds.max_pool import pooling_arguments
    >>> tempered = with_options(pooling_arguments, "return_indices", slope=(1, float))
    >>> tempered(1, (1, 4), 2, slope=3).options["slope"], list(parameters_of(tempered))[4:]
    (3, ['ceil_mode', 'slope', 'padding_convention'])
    """
    code: Any = getattr(read, "__code__", None)
    positional = code.co_varnames[2 : code.co_argcount]
    names = tuple(name for name in positional if name not in dropped)
    taken = (*names, *options)

    def reader(
        dimensions: int, shape: Sequence[Number], *args: Any, **kwargs: Any
    ) -> PoolingArguments:
        given = dict(zip(taken, args, strict=False))
        if len(args) > len(taken) or given.keys() & kwargs.keys() or kwargs.keys() & {*dropped}:
            raise TypeError(f"arguments are {', '.join(taken)}, each once")
        given.update(kwargs)
        own = {name: given.pop(name, default) for name, (default, _) in options.items()}
        for name, (_, check) in options.items():
            check(own[name])
        pooling = read(dimensions, shape, **given)
        return pooling._replace(options={**pooling.options, **own})

    reader.__dict__["extends"] = read, dropped, options
    return reader


def _names_of(read: Any) -> tuple[str, ...]:
    """Return the names of a reader's arguments after the shape, without loading ``inspect``."""
    if "extends" in vars(read):
        base, dropped, options = read.extends
        code = base.__code__
        kept = (n for n in code.co_varnames[2 : code.co_argcount] if n not in dropped)
        return (*kept, *options, *_keywords(read))
    code = read.__code__
    return (*code.co_varnames[2 : code.co_argcount], *_keywords(read))


def _keywords(read: Any) -> tuple[str, ...]:
    base, dropped, _ = vars(read).get("extends", (read, (), ()))
    code = base.__code__
    keywords: tuple[str, ...] = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    return tuple(name for name in keywords if name not in dropped)


@cache
def parameters_of(read: Any) -> Mapping[str, Parameter]:
    """Return what a reader takes after the dimensions and the shape, in its order."""
    from inspect import Parameter, signature

    if "extends" not in vars(read):
        _, _, *parameters = signature(read).parameters.values()
        return {p.name: p for p in parameters}
    base, dropped, options = read.extends
    inherited = parameters_of(base)
    own = {
        name: Parameter(
            name,
            Parameter.POSITIONAL_OR_KEYWORD,
            default=default,
            annotation="bool" if type(default) is bool else "Real",
        )
        for name, (default, _) in options.items()
    }
    inherited = {name: p for name, p in inherited.items() if name not in dropped}
    keywords = {name: p for name, p in inherited.items() if p.kind is Parameter.KEYWORD_ONLY}
    kept = {name: p for name, p in inherited.items() if name not in keywords}
    return {**kept, **own, **keywords}


def spatial_sizes(array: Array, name: str, entries: Sequence[int | None]) -> tuple[int, ...]:
    """Return the sizes of as many last axes as the argument ``name`` has entries."""
    if not isinstance(entries, tuple | list):
        raise TypeError(f"{name} must be a tuple with one entry per spatial axis, got {entries!r}")
    count = len(entries)
    if not 1 <= count <= array.ndim:
        raise ValueError(
            f"{name} must have between 1 and {array.ndim} entries, as many as x has axes at "
            f"most, got {count}: {tuple(entries)}"
        )
    return array.shape[array.ndim - count :]
