from __future__ import annotations

import csv
import json
from dataclasses import FrozenInstanceError
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

import costmodel
from costmodel import Cost, ModelCost, OperatorCost, Windows
from costmodel.whole.rows import ModuleEntry, UncountedOperator

STEM = OperatorCost(
    module="stem.0",
    module_type="Conv2d",
    operator="convolution",
    pooling=False,
    input_shape=(1, 3, 224, 224),
    output_shape=(1, 64, 112, 112),
    operations={"additions": 118013952, "multiplications": 118013952},
    flops=236027904,
    macs=118013952,
    bytes_moved=3851008,
    share=236027904 / 237612096,
)
POOL = OperatorCost(
    module="stem.[p]",  # a path that reads like markup of rich
    module_type="MaxPool2d",
    operator="max_pool2d",
    pooling=True,
    input_shape=(1, 64, 112, 112),
    output_shape=(1, 64, 56, 56),
    operations={"comparisons": 1584192},
    flops=1584192,
    macs=None,
    bytes_moved=4014080,
    share=1584192 / 237612096,
)


def uncounted(module: str, operator: str, kind: str, bytes_moved: int) -> UncountedOperator:
    """Return an operator without a count."""
    return UncountedOperator(
        module, "ReLU", operator, kind, (1, 64), (1, 64), 64, bytes_moved, {"comparisons": 64}
    )


OTHERS = (
    uncounted("stem.1", "relu_", "activation", 100),
    uncounted("", "cat", "copy", 10),
    uncounted("", "cat", "copy", 10),
)
COST = ModelCost("Stem", ((1, 3, 224, 224),), (STEM, POOL), OTHERS)
EMPTY = ModelCost("Identity", ((2, 3), (4,)), ())
WHOLE = ModelCost(
    "Stem",
    ((1, 3, 224, 224),),
    (STEM, POOL),
    OTHERS,
    "values",
    (
        ModuleEntry("", "Stem", 0, 0),
        ModuleEntry("stem", "Sequential", 1, 4),
        ModuleEntry("stem.0", "Conv2d", 9408, 37632),
        ModuleEntry("stem.1", "ReLU", 0, 0),
        ModuleEntry("stem.[p]", "MaxPool2d", 0, 0),
    ),
    1234,
)
TABLE = """\
module     type        operator      input          output          operations       bytes    share
───────────────────────────────────────────────────────────────────────────────────────────────────
stem.0     Conv2d      convolution   1×3×224×224    1×64×112×112   236,027,904   3,851,008   99.33%
stem.[p]   MaxPool2d   max_pool2d    1×64×112×112   1×64×56×56       1,584,192   4,014,080    0.67%

total                                                              237,612,096   7,865,088

pooling: 1,584,192 operations, 0.6667%
not counted: relu_ ×1, cat ×2
bytes of all operators: 7,865,208"""
TREE = """\
module    type         parameters    operations     pooling       bytes     share
─────────────────────────────────────────────────────────────────────────────────
Stem      Stem              9,409   237,612,096   1,584,192   7,865,208   100.00%
  stem    Sequential        9,409   237,612,096   1,584,192   7,865,188   100.00%
    0     Conv2d            9,408   236,027,904           0   3,851,008    99.33%
    1     ReLU                  0             0           0         100     0.00%
    [p]   MaxPool2d             0     1,584,192   1,584,192   4,014,080     0.67%

pooling: 1,584,192 operations, 0.6667%
not counted: relu_ ×1, cat ×2
bytes of all operators: 7,865,208; parameters: 9,409, 37,636 bytes; \
activations: at most 1,234 bytes; run on values"""


def test_totals() -> None:
    """Sums over the rows, by kind of operation as well."""
    total = COST.total
    assert (total.flops, total.pooling_flops, total.macs) == (237612096, 1584192, 118013952)
    assert (total.counted_bytes_moved, total.bytes_moved) == (7865088, 7865088 + 120)
    assert total.operations == {
        "additions": 118013952,
        "multiplications": 118013952,
        "comparisons": 1584192,
    }
    assert COST.pooling_share == 1584192 / 237612096


def test_a_model_without_operators() -> None:
    """Sums of nothing, and a share of nothing."""
    assert (EMPTY.total.flops, EMPTY.total.bytes_moved, EMPTY.pooling_share) == (0, 0, 0)
    assert EMPTY.to_dicts() == []
    assert str(EMPTY).endswith("pooling: 0 operations, 0.0000%")


def test_rows_for_a_data_frame() -> None:
    """Flat dictionaries with the same keys in every row: a column for each kind of operation."""
    first, second = COST.to_dicts()
    assert list(first) == list(second)
    kinds = set(Cost._fields) - {"windows", "indices"}
    assert kinds < set(second)
    assert second == {
        "module": "stem.[p]",
        "module_type": "MaxPool2d",
        "operator": "max_pool2d",
        "pooling": True,
        "input_shape": (1, 64, 112, 112),
        "output_shape": (1, 64, 56, 56),
        "flops": 1584192,
        "macs": None,
        "bytes_moved": 4014080,
        "share": 1584192 / 237612096,
        "phase": "forward",
        "kind": "",
        "elements": 0,
        "additions": 0,
        "comparisons": 1584192,
        "divisions": 0,
        "exponentials": 0,
        "multiplications": 0,
        "powers": 0,
    }


def test_as_json() -> None:
    """Nothing is lost on the way through a file."""
    data: dict[str, Any] = COST.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert list(data) == [
        *("model", "inputs", "on", "rows", "others", "total", "pooling_share", "uncounted"),
        *("parameters", "parameter_bytes", "activation_peak_bytes", "modules"),
    ]
    assert data["others"][0]["comparisons"] == 64 and data["others"][0]["kind"] == "activation"
    assert WHOLE.to_dict()["modules"][2] == {
        "path": "stem.0",
        "type": "Conv2d",
        "parameters": 9408,
        "parameter_bytes": 37632,
    }
    assert data["inputs"] == [[1, 3, 224, 224]]
    assert data["rows"][1]["output_shape"] == [1, 64, 56, 56]
    assert data["total"]["flops"] == 237612096
    assert data["uncounted"] == {"relu_": 1, "cat": 2}


def test_the_table() -> None:
    """Printed, a cost is its table, uncut whatever the width of the terminal."""
    assert str(COST) == TABLE


def test_the_table_in_a_terminal() -> None:
    """Where there is little room words are folded; figures stay whole."""
    buffer = StringIO()
    Console(file=buffer, width=70).print(COST)
    lines = buffer.getvalue().splitlines()
    assert max(map(len, lines)) == 70
    for figure in ("236,027,904", "237,612,096", "3,851,008", "7,865,088", "99.33%"):
        assert figure in buffer.getvalue()


def test_unknown_bytes_and_the_model_itself() -> None:
    """A question mark where shapes do not settle them; the model itself has a name in the table."""
    row = OperatorCost(
        "", "Net", "fractional_max_pool2d", True, (1, 4, 4), (1, 2, 2), {}, 12, None, None, 1.0
    )
    cost = ModelCost("Net", ((1, 4, 4),), (row,))
    assert cost.total.bytes_moved is None and cost.total.counted_bytes_moved is None
    _, _, line, _, total, *rest = str(cost).splitlines()
    assert line.split() == [
        "(model)",
        "Net",
        "fractional_max_pool2d",
        "1×4×4",
        "1×2×2",
        "12",
        "?",
        "100.00%",
    ]
    assert total.split() == ["total", "12", "?"]
    assert rest == ["", "pooling: 12 operations, 100.0000%"]


def test_in_one_line() -> None:
    """What an interactive session shows."""
    assert repr(COST) == (
        "<ModelCost of Stem on 1×3×224×224: 237612096 operations, 0.6667% of them pooling>"
    )
    assert repr(EMPTY) == (
        "<ModelCost of Identity on 2×3, 4: 0 operations, 0.0000% of them pooling>"
    )


def test_results_cannot_be_changed() -> None:
    """They are records."""
    with pytest.raises(FrozenInstanceError):
        COST.model = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        POOL.flops = 0  # type: ignore[misc]


def test_every_kind_of_operation_is_shown() -> None:
    """The day a cost gains a kind, the rows do as well: kinds sum to the flops of any pooling."""
    one = dict.fromkeys(set(Cost._field_defaults) - {"indices"}, 1)
    assert Cost(Windows(1, 1, (1,)), **one).flops == len(one)
    assert set(one) <= set(POOL.to_dict())
    assert costmodel.ModelCost is ModelCost


def test_the_tree() -> None:
    """Each module with all within it, as deep as asked."""
    assert str(WHOLE.tree()) == TREE
    assert [part.name for part in WHOLE.by_module(1)] == ["", "stem"]
    assert WHOLE.by_module(0)[0].flops == WHOLE.total.flops
    assert [part.flops for part in COST.by_module()] == [COST.total.flops]
    with pytest.raises(ValueError) as caught:
        WHOLE.by_module(-1)
    assert str(caught.value) == "depth must be at least 0, got -1"


def test_by_operator_and_by_share() -> None:
    """The largest first; what has no count at the end."""
    found = [(part.name, part.calls, part.flops, part.bytes_moved) for part in COST.by_operator()]
    assert found == [
        ("convolution", 1, 236027904, 3851008),
        ("max_pool2d", 1, 1584192, 4014080),
        ("relu_", 0, 0, 100),
        ("cat", 0, 0, 20),
    ]
    turned = ModelCost("Stem", (), (POOL, STEM))
    assert turned.by_share() == (STEM, POOL)


def test_as_markdown_html_and_csv() -> None:
    """The same table, escaped for each."""
    lines = COST.to_markdown().splitlines()
    assert lines[0].startswith("| module | type | operator |")
    assert "| stem.[p] | MaxPool2d | max_pool2d | 1×64×112×112 |" in lines[3]
    assert lines[-1] == "bytes of all operators: 7,865,208"
    shown = COST._repr_html_()
    assert shown.startswith("<table>") and "<td>stem.[p]</td>" in shown
    assert "<p>not counted: relu_ ×1, cat ×2</p>" in shown
    rows = list(csv.DictReader(StringIO(COST.to_csv())))
    assert [row["flops"] for row in rows] == ["236027904", "1584192"]
    assert rows[0]["input_shape"] == "1×3×224×224"
    assert EMPTY.to_csv() == "\n"
