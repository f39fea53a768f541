from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import proofs
from proofs.systems import (
    EXACT,
    FLOAT8,
    FLOATS,
    IEEE,
    INTEGERS,
    MACHINE,
    NATIVE_FLOATS,
    SYSTEMS,
    WRAPPING,
    NumberSystem,
    by_default,
    register,
    system,
)
from proofs.systems.integers import WrapAround
from proofs.systems.number_system import Script, UnsupportedError

NAMES = [
    "real",
    "integer",
    "wraparound",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "unsigned_wraparound",
    "saturating_int8",
    "rounding",
    "binary",
    "float8_e4m3fn",
    "float8_e5m2",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "saturating_binary",
    "int4",
    "uint16",
    "uint4",
]
#: Of these 0 alone is an element of every instance.
OF_MANY = ("wraparound", "unsigned_wraparound", "binary", "saturating_binary")
WITH_DTYPE = [s for s in SYSTEMS.values() if s.dtype is not None]


def _key(x: Any) -> Any:
    return ("nan",) if x != x else (x, math.copysign(1, x))


def test_every_system_is_there() -> None:
    """Seventeen columns of the matrix in the order of reports, and what is there when asked for."""
    assert list(SYSTEMS) == NAMES
    assert by_default() == [name for name in NAMES[:18] if name != "unsigned_wraparound"]
    assert all(s.name == name and s.title and s.assumes for name, s in SYSTEMS.items())
    assert len({s.title for s in SYSTEMS.values()}) == len(NAMES)


def test_groups() -> None:
    """A group is the names of its systems, in the order of reports."""
    assert EXACT == ("real", "integer")
    assert " ".join(WRAPPING) == "wraparound int8 int16 int32 int64 uint8"
    assert INTEGERS == (*WRAPPING, "saturating_int8")
    assert " ".join(FLOATS) == "float8_e4m3fn float8_e5m2 float16 bfloat16 float32 float64"
    assert MACHINE == INTEGERS + FLOATS
    assert FLOATS == FLOAT8 + NATIVE_FLOATS
    assert all(SYSTEMS[name].exact == (name in EXACT) for name in SYSTEMS)
    assert [n for n in FLOATS if math.inf in SYSTEMS[n].simple_values()] == list(IEEE)
    assert [n for n in FLOATS if SYSTEMS[n].computed_in == n] == list(NATIVE_FLOATS)


def test_bytes_are_those_of_the_cost_model() -> None:
    """What a system says of itself is what the cost model charges for its dtype."""
    import costmodel

    moved = costmodel.cost("avg_pool1d", (1, 10), kernel_size=2).bytes_moved
    held = [name for name, s in SYSTEMS.items() if s.dtype == name]
    assert len(held) == 11
    assert all(moved(name) == moved("int8") * SYSTEMS[name].bytes for name in held)
    assert SYSTEMS["real"].bytes is None and SYSTEMS["saturating_int8"].bytes == 1


def test_a_name_is_taken_once() -> None:
    """A second system of a name is refused, and the first stays."""
    first = SYSTEMS["int8"]
    with pytest.raises(ValueError, match=r"^two number systems are called int8$"):
        register(WrapAround(8))
    assert SYSTEMS["int8"] is first


NEW = """
from proofs.systems.integers import WrapAround
from proofs.systems.number_system import register

register(WrapAround(3, held_in="int8", like="int8"))
"""


@pytest.mark.slow
def test_adding_a_system_is_one_file(tmp_path: Path) -> None:
    """A file beside the others is found, asked for by name, and no column without."""
    shutil.copytree(Path(proofs.__path__[0]), tmp_path / "proofs")
    (tmp_path / "proofs" / "systems" / "int3.py").write_text(NEW, encoding="utf-8")
    paths = os.pathsep.join((str(tmp_path), str(Path(proofs.__path__[0]).parent)))
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "verify", *arguments]
        ran = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True)
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout.decode()

    assert "max-is-associative: PROVED in int3" in said("list", "--system", "int3")
    assert "int3" not in said("list", "-k", "max-is-associative")
    page = said("show", "max-is-relu", "--system", "int3")
    assert "int3: REFUTED" in page
    assert "fails on torch.int64 tensors, wrapped to 3 bits by hand" in page


def test_asking_by_name() -> None:
    """A name gives the one system, a wrong name the list of names."""
    assert system("float16") is SYSTEMS["float16"]
    with pytest.raises(KeyError) as caught:
        system("float17")
    assert caught.value.args[0] == f"number system 'float17' is not one of {', '.join(NAMES)}"


@pytest.mark.parametrize("one", SYSTEMS.values(), ids=lambda s: s.name)
def test_simple_values_are_distinct_elements(one: NumberSystem) -> None:
    """Zero comes first, nothing twice, and everything is an element."""
    values = list(one.simple_values())
    assert values[0] == 0
    assert len({_key(v) for v in values}) == len(values) >= 8
    for v in values:
        exact = one.exact_value(v)
        if exact is not None:
            known = one.name not in OF_MANY or v == 0
            assert one.equal(one.constant(exact) if known else v, v)
            assert one.in_range(exact)


@pytest.mark.parametrize("one", WITH_DTYPE, ids=lambda s: s.name)
def test_simple_values_survive_the_dtype(one: NumberSystem) -> None:
    """A tensor of them gives them back, signs of zeros included."""
    values = list(one.simple_values())
    back = one.elements(one.tensor(values))
    assert [_key(v) for v in back] == [_key(v) for v in values]


@pytest.mark.parametrize("one", WITH_DTYPE, ids=lambda s: s.name)
def test_simple_values_hold_the_extremes(one: NumberSystem) -> None:
    """Both ends of the range are among them, and what has no value where there is such."""
    exact = {one.exact_value(v) for v in one.simple_values()}
    assert {one.exact_constant("largest"), one.exact_constant("smallest")} <= exact
    assert (None in exact) == one.name.startswith(("float", "bfloat"))


@pytest.mark.parametrize("one", [s for s in SYSTEMS.values() if s.enumerable], ids=lambda s: s.name)
def test_all_elements(one: NumberSystem) -> None:
    """An enumerable system has 2^bits elements, in its dtype, each once."""
    import torch

    every = one.all_elements()
    assert every.dtype is getattr(torch, str(one.dtype)) and every.shape == (2 ** (one.bits or 0),)
    expected_nans = {"float8_e4m3fn": 2, "float8_e5m2": 6}.get(one.name, 0)
    keys = [_key(v) for v in one.elements(every)]
    assert keys.count(("nan",)) == expected_nans
    assert len(set(keys)) == len(every) - max(0, expected_nans - 1)


@pytest.mark.parametrize(
    "one", [s for s in SYSTEMS.values() if not s.enumerable], ids=lambda s: s.name
)
def test_the_rest_cannot_be_enumerated(one: NumberSystem) -> None:
    """What is wider than 8 bits says so."""
    with pytest.raises(UnsupportedError) as caught:
        one.all_elements()
    assert str(caught.value) == f"{one.name} cannot be enumerated"


@pytest.mark.parametrize("one", SYSTEMS.values(), ids=lambda s: s.name)
def test_what_a_system_lacks(one: NumberSystem) -> None:
    """An operator nobody knows is refused by every face."""
    with pytest.raises(UnsupportedError):
        one.apply("sqrt", (one.constant(0),))
    with pytest.raises(UnsupportedError):
        one.exact_constant("sqrt")
    if one.dtype is not None:
        with pytest.raises(UnsupportedError, match=r"^no operator is called sqrt$"):
            one.tensor_apply("sqrt", [one.tensor([0])])
    if one.logic is not None:
        encoder = one.encoder(Script("ALL"))
        with pytest.raises(UnsupportedError):
            encoder.number("sqrt", [encoder.variable("x")])


def test_the_exact_constants() -> None:
    """Unit roundoff, largest and smallest number of every system that has them."""
    table = {
        (name, which): SYSTEMS[name].exact_constant(which)
        for name in NAMES
        for which in ("unit_roundoff", "largest", "smallest")
        if _has(SYSTEMS[name], which)
    }
    expected: dict[tuple[str, str], Fraction] = {}
    for name, low, high in [
        ("wraparound", -4, 3), ("unsigned_wraparound", 0, 15),
        ("int8", -128, 127), ("int16", -(2**15), 2**15 - 1),
        ("int32", -(2**31), 2**31 - 1), ("int64", -(2**63), 2**63 - 1), ("uint8", 0, 255),
        ("saturating_int8", -128, 127), ("int4", -8, 7), ("uint4", 0, 15),
        ("uint16", 0, 65535), ("float8_e4m3fn", -448, 448),
        ("float8_e5m2", -57344, 57344), ("float16", -65504, 65504),
    ]:  # fmt: skip
        expected |= {(name, "largest"): Fraction(high), (name, "smallest"): Fraction(low)}
    import torch

    for name in ("float8_e4m3fn", "float8_e5m2", "float16", "bfloat16", "float32", "float64"):
        told = torch.finfo(getattr(torch, name))
        expected[name, "largest"] = Fraction(told.max)
        expected[name, "smallest"] = Fraction(told.min)
        expected[name, "unit_roundoff"] = Fraction(told.eps) / 2
    expected["rounding", "unit_roundoff"] = Fraction(1, 8)
    for name, top in (("binary", 224), ("saturating_binary", 384)):
        expected[name, "unit_roundoff"] = Fraction(1, 8)
        expected |= {(name, "largest"): Fraction(top), (name, "smallest"): Fraction(-top)}
    assert table == expected


def _has(one: NumberSystem, which: str) -> bool:
    try:
        one.exact_constant(which)
    except UnsupportedError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("integer", Fraction(1, 2), "1/2 is not an integer"),
        ("wraparound", 1, "1 is not a value of every width"),
        ("unsigned_wraparound", 2, "2 is not a value of every width"),
        ("unsigned_wraparound", -1, "-1 is not a value of every width"),
        ("int8", 128, "128 is not a value of int8"),
        ("int8", Fraction(1, 2), "1/2 is not a value of int8"),
        ("uint8", -1, "-1 is not a value of uint8"),
        ("saturating_int8", -129, "-129 is not a value of saturating_int8"),
        ("binary", 1, "1 is not a float of every format"),
        ("rounding", 9, "9 is not a value of rounding"),
        ("float8_e4m3fn", 449, "449 is not a value of float8_e4m3fn"),
        ("float16", Fraction(1, 3), "1/3 is not a value of float16"),
        ("bfloat16", 257, "257 is not a value of bfloat16"),
        ("float32", 2**24 + 1, "16777217 is not a value of float32"),
        ("float32", 2**128, f"{2**128} is not a value of float32"),
        ("float64", 10**400, f"{10**400} is not a value of float64"),
        ("float64", Fraction(1, 2**1080), f"1/{2**1080} is not a value of float64"),
    ],
)
def test_constants_that_are_no_elements(name: str, number: int | Fraction, message: str) -> None:
    """A constant that the system cannot hold is refused, never rounded."""
    with pytest.raises(UnsupportedError) as caught:
        SYSTEMS[name].constant(number)
    assert str(caught.value) == message


def test_no_tensor_face_no_encoding() -> None:
    """Systems of mathematics have no dtype, and float8_e4m3fn no theory."""
    assert {s.name for s in SYSTEMS.values() if s.dtype is None} == {
        "real", "integer", "wraparound", "unsigned_wraparound", "rounding", "binary",
        "saturating_binary",
    }  # fmt: skip
    assert [s.name for s in SYSTEMS.values() if s.logic is None] == ["float8_e4m3fn"]
    with pytest.raises(UnsupportedError) as caught:
        SYSTEMS["float8_e4m3fn"].encoder(Script("QF_FP"))
    assert str(caught.value) == "float8_e4m3fn is not a format of SMT-LIB's theory"


def test_a_script_names_a_body_once() -> None:
    """Definitions are shared, and comments and the order are kept."""
    script = Script("QF_LIA")
    script.declare("x", "Int")
    assert script.define("Int", "(+ x 1)", "one more") == script.define("Int", "(+ x 1)") == "t1"
    script.require("(< x t1)", "always")
    assert script.render() == (
        "(set-logic QF_LIA)\n(declare-const x Int)\n"
        "(define-fun t1 () Int (+ x 1)) ; one more\n(assert (< x t1)) ; always\n(check-sat)\n"
    )
