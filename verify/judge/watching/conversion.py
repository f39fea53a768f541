"""User functions written anew, so that both arms of an ``if`` on the input's values are run.

A search through a window, ``if x[i, j] > best: best = x[i, j]``, has as many ways through it as
there are orders of its taps. Instead of going each, the source is converted: every ``if`` whose
arms only assign becomes a loop over its arms, whose outcomes are joined by
:mod:`verify.judge.watching.merging`. The source must be that of the code that runs, to the byte;
what has no such form is left as it is and decides as before.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import CellType, CodeType, FunctionType
from typing import Any

#: The name by which converted code finds what joins its arms.
MERGE = "__poolproof_merge"
_ANNOTATIONS = 0x1000000
#: Statements that a converted function may not have anywhere.
_FOREIGN = (
    ast.Try, ast.AsyncFor, ast.AsyncWith, ast.Await, ast.Yield, ast.YieldFrom, ast.Global,
    ast.Nonlocal, ast.Delete, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Match,
    ast.NamedExpr,
)  # fmt: skip

_IN_PLACE = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.BitAnd: "and_", ast.BitOr: "or_", ast.BitXor: "xor",
    ast.LShift: "lshift", ast.RShift: "rshift", ast.MatMult: "matmul",
}  # fmt: skip


class UnconvertibleError(Exception):
    """A function has no form in which its arms can be joined; the message says why."""


def converted(function: Any, merge: Any) -> FunctionType:
    """Return a function that computes the same and joins the arms of its decisions.

    Args:
        function: A plain function, a method or a lambda.
        merge: What the converted code calls, :class:`~verify.judge.watching.merging.Merging`.

    Raises:
        UnconvertibleError: Its source cannot be had, is another's, or has no such form.
    """
    code = _converted_code(function)
    cells = dict(
        zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    ) | {MERGE: CellType(merge)}  # fmt: skip
    closure = tuple(cells[name] for name in code.co_freevars)
    made = FunctionType(
        code, function.__globals__, function.__name__, function.__defaults__, closure
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


@lru_cache(maxsize=256)
def _code_of(code: CodeType) -> CodeType:
    node = _source(code)
    for part in ast.walk(node):
        if isinstance(part, _FOREIGN) and part is not node:
            raise UnconvertibleError(f"{type(part).__name__} in its source")
    if isinstance(node, ast.Lambda):
        node.body = _Expressions().visit(node.body)
    else:
        if node.decorator_list:
            raise UnconvertibleError("it is decorated")
        node.body = _Statements().block(_returning(node.body))
    return _compiled(node, code, MERGE)


def _converted_code(function: FunctionType) -> CodeType:
    if "__class__" in function.__code__.co_freevars:
        raise UnconvertibleError("it names its class")
    return _code_of(function.__code__)


def _source(code: CodeType) -> Any:
    """Return the syntax tree of which ``code`` was compiled."""
    path = Path(code.co_filename)
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        flags = code.co_flags & _ANNOTATIONS
        whole = compile(text, code.co_filename, "exec", flags=flags, dont_inherit=True)
    except (OSError, SyntaxError, ValueError) as error:
        raise UnconvertibleError(f"no source: {error}") from None
    if not any(
        inner.co_firstlineno == code.co_firstlineno and _same_code(inner, code)
        for inner in _codes(whole)
    ):
        raise UnconvertibleError("its source is not what runs")
    kind = ast.Lambda if code.co_name == "<lambda>" else ast.FunctionDef
    found = [
        node for node in ast.walk(tree)
        if isinstance(node, kind) and getattr(node, "name", code.co_name) == code.co_name
        and node.lineno == code.co_firstlineno
    ]  # fmt: skip
    if len(found) != 1:
        raise UnconvertibleError("it is decorated, or one of several on its line")
    return found[0]


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield all codes inside a code."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def _compiled(node: Any, code: CodeType, *more: str) -> CodeType:
    """Return the code of a function or lambda inside one that has its free variables."""
    free = [*code.co_freevars, *more]
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in free
    ]
    inner: ast.stmt = ast.Expr(node) if isinstance(node, ast.Lambda) else node
    factory = ast.FunctionDef(
        "__factory", ast.arguments([], [], None, [], [], None, []), [*body, inner], []
    )
    tree = ast.fix_missing_locations(ast.Module([factory], []))
    flags = code.co_flags & _ANNOTATIONS
    made = compile(tree, code.co_filename, "exec", flags=flags, dont_inherit=True)
    outer = next(c for c in made.co_consts if isinstance(c, CodeType))
    return next(c for c in outer.co_consts if isinstance(c, CodeType) and c.co_name == code.co_name)


def _same_code(one: CodeType, other: CodeType) -> bool:
    """Say whether two codes do the same, wherever they stand."""

    def plain(code: CodeType) -> Any:
        constants = [c for c in code.co_consts if not isinstance(c, CodeType)]
        return (
            code.co_name, code.co_code, [(type(c), c) for c in constants], code.co_names,
            code.co_varnames, code.co_freevars, code.co_cellvars, code.co_argcount,
            code.co_kwonlyargcount,
        )  # fmt: skip

    if plain(one) != plain(other):
        return False
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (one, other)]
    return len(inner[0]) == len(inner[1]) and all(
        _same_code(a, b) for a, b in zip(*inner, strict=True)
    )


def _returning(block: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Move what follows an ``if`` that returns into its other arm, if that returns as well."""
    block = list(block)
    for number, statement in enumerate(block):
        if not isinstance(statement, ast.If) or not _ends(statement.body):
            continue
        rest = [*statement.orelse, *block[number + 1 :]]
        otherwise = _returning(rest)
        if not _ends(otherwise):
            return block
        return [*block[:number], ast.copy_location(
            ast.If(statement.test, _returning(statement.body), otherwise), statement)]  # fmt: skip
    return block


def _ends(block: Sequence[ast.stmt]) -> bool:
    """Say whether every way through a block ends in a ``return`` of a value."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.Return):
        return last.value is not None
    return isinstance(last, ast.If) and _ends(last.body) and _ends(last.orelse)


def _call(method: str, *args: ast.expr) -> ast.Call:
    function = ast.Attribute(ast.Name(MERGE, ast.Load()), method, ast.Load())
    return ast.Call(function, list(args), [])


def _lazily(expression: ast.expr) -> ast.Lambda:
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), expression)


class _Expressions(ast.NodeTransformer):
    """Choices, calls and conditions, so that their values may be joined."""

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Leave functions inside as they are."""
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """``a if c else b``."""
        then, otherwise = self.visit(node.body), self.visit(node.orelse)
        made = _call("choose", self.condition(node.test), _lazily(then), _lazily(otherwise))
        return ast.copy_location(made, node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Every call asks first whether it may be made."""
        self.generic_visit(node)
        function = node.func
        own = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
        if own and function.value.id == MERGE:  # type: ignore[attr-defined]
            return node
        node.func = ast.copy_location(_call("callable", node.func), node.func)
        return node

    def condition(self, test: ast.expr) -> ast.expr:
        """Return a test whose parts may be truth values that are not known."""
        if isinstance(test, ast.BoolOp):
            first, *others = [self.condition(value) for value in test.values]
            method = "every" if isinstance(test.op, ast.And) else "some"
            return ast.copy_location(_call(method, first, *map(_lazily, others)), test)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return ast.copy_location(_call("opposite", self.condition(test.operand)), test)
        if isinstance(test, ast.Compare) and len(test.ops) == 2 and _simple(test.comparators[0]):
            middle = test.comparators[0]
            pair: list[ast.expr] = [
                ast.Compare(test.left, test.ops[:1], [middle]),
                ast.Compare(middle, test.ops[1:], test.comparators[1:]),
            ]
            return self.condition(ast.copy_location(ast.BoolOp(ast.And(), pair), test))
        found: ast.expr = self.visit(test)
        return found


def _simple(expression: ast.expr) -> bool:
    return all(
        isinstance(part, ast.Name | ast.Constant | ast.Subscript | ast.Tuple | ast.expr_context)
        for part in ast.walk(expression)
    )


class _Statements:
    """Statements, with those that decide as loops over their arms."""

    def __init__(self) -> None:
        self.expressions = _Expressions()
        self.count = 0

    def block(self, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
        """Return a block in which every statement is converted."""
        return [made for statement in statements for made in self.statement(statement)]

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        """Return what a statement becomes."""
        match node:
            case ast.If():
                return self._if(node)
            case ast.For() | ast.While():
                if isinstance(node, ast.For):
                    node.iter = self.expressions.visit(node.iter)
                else:
                    node.test = self.expressions.visit(node.test)
                node.body, node.orelse = self.block(node.body), self.block(node.orelse)
                return [node]
            case ast.With():
                for item in node.items:
                    item.context_expr = self.expressions.visit(item.context_expr)
                node.body = self.block(node.body)
                return [node]
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            method = _IN_PLACE[type(node.op)]
            old = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
            value = self.expressions.visit(node.value)
            grown = _call("grown", ast.Constant(method), old, value)
            return [ast.copy_location(ast.Assign([node.target], grown), node)]
        before: list[ast.stmt] = []
        for target in _targets(node):
            for part in ast.walk(target):
                if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
                    part.value = _call("stored", part.value)
                elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    before.append(ast.copy_location(ast.Expr(_call("outside")), node))
        return [*before, self.expressions.visit(node)]

    def _if(self, node: ast.If) -> list[ast.stmt]:
        both = _ends(node.body) and _ends(node.orelse)
        if both:
            result = self._name("result")
            node = _with_result(node, result)
        if not (_joinable(node.body) and _joinable(node.orelse)):
            if both:
                raise UnconvertibleError("what it returns is decided in a way that has no form")
            node.test = self.expressions.visit(node.test)
            node.body, node.orelse = self.block(node.body), self.block(node.orelse)
            return [node]
        names = sorted({n for s in (*node.body, *node.orelse) for n in _assigned(s)})
        arm = self._name("branch")
        here = ast.Call(ast.Name("locals", ast.Load()), [], [])
        listed = ast.Tuple([ast.Constant(n) for n in names], ast.Load())
        test = self.expressions.condition(node.test)
        opening = ast.Assign([ast.Name(arm, ast.Store())], _call("branch", test, here, listed))

        def of(attribute: str) -> ast.Attribute:
            return ast.Attribute(ast.Name(arm, ast.Load()), attribute, ast.Load())

        inner = ast.If(
            of("arm"), self.block(node.body), self.block(node.orelse) or [ast.Pass()]
        )  # fmt: skip
        ended: ast.expr = ast.Call(of("end"), [here], [])
        closing: ast.stmt = ast.Expr(ended)
        if names:
            targets = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
            closing = ast.Assign([targets], ended)
        loop = ast.While(ast.Call(of("more"), [], []), [inner, closing], [])
        found: list[ast.stmt] = [opening, loop]
        if both:
            found.append(ast.Return(ast.Name(result, ast.Load())))
        return [ast.copy_location(statement, node) for statement in found]

    def _name(self, word: str) -> str:
        self.count += 1
        return f"{MERGE}_{word}_{self.count}"


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _with_result(node: ast.If, name: str) -> ast.If:
    """Return an ``if`` that assigns what it returned."""

    def arm(block: list[ast.stmt]) -> list[ast.stmt]:
        *before, last = block
        if isinstance(last, ast.If):
            return [*before, _with_result(last, name)]
        assert isinstance(last, ast.Return)
        assert last.value is not None
        target = ast.Name(name, ast.Store())
        return [*before, ast.copy_location(ast.Assign([target], last.value), last)]

    return ast.copy_location(ast.If(node.test, arm(node.body), arm(node.orelse)), node)


def _joinable(block: Sequence[ast.stmt]) -> bool:
    """Say whether a block only assigns, so that its outcome can be joined with another's."""
    for node in block:
        match node:
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                if any(
                    isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
                    for target in _targets(node) for part in ast.walk(target)
                ):  # fmt: skip
                    return False
            case ast.Pass() | ast.Expr():
                continue
            case ast.If():
                if not (_joinable(node.body) and _joinable(node.orelse)):
                    return False
            case ast.For():
                if not _joinable(node.body) or node.orelse:
                    return False
            case _:
                return False
    return True


def _assigned(node: ast.stmt) -> set[str]:
    """Return the names that a statement binds."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
    inner = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for part in ast.walk(node):
        if isinstance(part, inner):
            for generator in part.generators:
                found -= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
    return found


def is_plain(function: Any) -> bool:
    """Say whether something is a function whose source could be converted."""
    return inspect.isfunction(function) and not inspect.iscoroutinefunction(function)


def shown(function: Any) -> str:
    """Return the converted source of a function, for whoever looks into it."""
    node = _source(function.__code__)
    if isinstance(node, ast.Lambda):
        node.body = _Expressions().visit(node.body)
    else:
        node.body = _Statements().block(_returning(node.body))
    return textwrap.dedent(ast.unparse(ast.fix_missing_locations(node)))
