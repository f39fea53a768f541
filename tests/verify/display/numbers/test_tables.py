from __future__ import annotations

import io

import pytest
from rich.console import Console

from proofs.max_by_relu.forms._forms import FORMS
from proofs.terms import Term, variables
from verify.display.numbers.tables import (
    CHOICES,
    HEADINGS,
    advice,
    choice,
    examples,
    markdown,
    print_page,
    rows,
    scope,
)
from verify.sweeps.measurement import Measurement, measure

a, b = variables("a b")


def measured(system: str, forms: dict[str, Term]) -> dict[str, Measurement]:
    """Measure some forms of the maximum."""
    return {name: measure(form, a.maximum(b), system) for name, form in forms.items()}


@pytest.fixture(scope="module")
def e5m2() -> dict[str, Measurement]:
    """Return all forms in an 8-bit format."""
    return measured("float8_e5m2", dict(FORMS))


def test_rows(e5m2: dict[str, Measurement]) -> None:
    """Fractions, counts and worst errors, each form under the headings."""
    table = {row[0]: row[1:] for row in rows(e5m2)}
    assert len(HEADINGS) == 8
    assert table["difference"] == ("23.62 %", "0.75 %", "61", "0", "7", "1", "1")
    assert table["wide"] == ("1.82 %", "0", "0", "0", "7", "0", "1")
    assert table["halves"][-1] == "1.67"


def test_examples(e5m2: dict[str, Measurement]) -> None:
    """The pairs that attain the figures, and one that overflows."""
    assert examples(e5m2["difference"]) == [
        "worst: a = 1.75, b = -16.0 gives 0.0 for 1.75",
        "worst, a, b ≥ 0: a = 1.25, b = 0.125 gives 1.0 for 1.25",
        "overflows: a = 4096.0, b = -57344.0 gives inf for 4096.0",
    ]
    assert examples(measure(a.maximum(b), a.maximum(b), "float8_e5m2")) == ["exact"]


def test_scope() -> None:
    """A sample is never shown as if it were all pairs."""
    assert scope(measure(a, a, "float8_e5m2")) == "EXHAUSTED: all 61,504 pairs of finite numbers"
    assert scope(measure(a, a, "float32", seed=5)).startswith("TESTED: ")
    assert scope(measure(a, a, "float32", seed=5)).endswith(
        "a sample with every difference of exponents, seed 5"
    )


def test_choice(e5m2: dict[str, Measurement]) -> None:
    """The best form with a wider type and the best without one, and who never overflows."""
    assert dict(zip(CHOICES, choice(e5m2), strict=True)) == {
        "format": "float8_e5m2",
        "a, b ≥ 0": "wide, always right; else difference, mirror and three-relus, wrong at 0.75 % "
        "by up to 1 ulp or infinite",
        "any finite a, b": "wide, wrong at 1.82 % by up to 7 ulps; else difference, mirror and "
        "three-relus, wrong at 23.62 % by up to 7 ulps or infinite",
        "never overflows": "wide",
    }
    without = {name: found for name, found in e5m2.items() if name in ("distance", "halves")}
    assert choice(without)[1:] == (
        "halves, wrong at 1.00 % by up to 1 ulp or infinite",
        "halves, wrong at 25.30 % by up to 9 ulps or infinite",
        "none",
    )


def test_a_format_that_saturates() -> None:
    """Where there are no infinities, that is said, and no form is praised for it."""
    found = measured("float8_e4m3fn", dict(FORMS))
    assert choice(found)[-1] == "all: it saturates"
    said = "what is past the largest number becomes that number, in every form"
    assert advice(found)[-1] == said


def test_advice(e5m2: dict[str, Measurement]) -> None:
    """It follows from the figures: who is always right, who errs least, who overflows."""
    assert advice(e5m2) == [
        "all finite inputs: of the forms wide errs least often, at 1.82 % of pairs and by up to "
        "7 ulps",
        "inputs that are not negative: wide is always right",
        "inputs that are not negative: of the others difference, mirror and three-relus err "
        "least often, at 0.75 % of pairs and by up to 1 ulp",
        "only wide never overflows",
    ]
    exact = measured("float8_e4m3fn", {"difference": FORMS["difference"], "wide": FORMS["wide"]})
    assert advice(exact)[0] == "all finite inputs: wide is always right"
    assert advice({"wide": e5m2["wide"]})[-1] == "no form overflows"
    assert advice({"distance": e5m2["distance"]})[-1] == (
        "every form overflows at some pair of finite inputs"
    )
    same = measured("float8_e5m2", {"first": a.maximum(b), "second": b.maximum(a)})
    assert advice(same)[0] == "all finite inputs: first and second are always right"


def test_page_and_markdown_tell_the_same(e5m2: dict[str, Measurement]) -> None:
    """Every figure, pair and sentence stands in both; the page fits 80 columns."""
    out = io.StringIO()
    print_page(Console(file=out, width=80, highlight=False), e5m2)
    page, document = out.getvalue(), markdown(e5m2)
    assert page.startswith("max(a, b) in float8_e5m2\nEXHAUSTED: all 61,504 pairs")
    assert document.startswith("## float8_e5m2\n\nEXHAUSTED: all 61,504 pairs of finite numbers.")
    for row in rows(e5m2):
        assert f"| {' | '.join(row)} |" in document
        assert any(line.split() == " ".join(row).split() for line in page.splitlines())
    for name, found in e5m2.items():
        assert f"- **{name}**, `{found.form}`: {'; '.join(examples(found))}\n" in document
        assert all(f"\n  {line}\n" in page for line in examples(found))
    assert all(f"- {said}\n" in document and said in page for said in advice(e5m2))
    table = page.split("form ")[1].split("wrong:")[0].splitlines()
    assert max(len(line.rstrip()) for line in table) <= 80
