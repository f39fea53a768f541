"""The matrix and the pages of claims, from a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from tests.verify.site.conftest import found
from verify.site.claims import bits, chapter_of, paragraphs, write
from verify.site.writing import Site


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the pages of two claims."""
    site = Site(tmp_path_factory.mktemp("site"))
    write(site, found(["max-is-relu", "nan-iff"]))
    return site.folder


@pytest.mark.slow
def test_the_matrix_says_what_the_report_says(small: Path) -> None:
    """Cells are letters that lead to the claim's section; what is not stated is a dot."""
    page = (small / "index.html").read_text(encoding="utf-8")
    assert 'href="claims/max-is-relu.html#float16" title="max-is-relu in float16: REFUTED"' in page
    assert 'class="cell PROVED" href="claims/max-is-relu.html#real"' in page
    assert page.count("<tr data-chapter=") == 2


def test_a_page_has_all_there_is(small: Path) -> None:
    """Statement as mathematics, argument, counterexample in bits, mutants, file, obligations."""
    page = (small / "claims" / "max-is-relu.html").read_text(encoding="utf-8")
    for words in (
        "<math", "ReLU(a − b) + b: how a network", "Counterexample: a = 1.0009765625, b = -1.0",
        '<span class="bits-exponent" title="exponent">01111</span>', "adds back a",
        "proofs/max_by_relu/max_is_relu.py", "max-is-relu__real.smt2", "python -m verify show",
    ):  # fmt: skip
        assert words in page
    for file in (small / "obligations").iterdir():
        assert "(check-sat)" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "float16", "bfloat16"])
def test_bits_are_those_of_the_format(name: str) -> None:
    """Of every 97th pattern the groups are the pattern again."""
    system = SYSTEMS[name]
    assert isinstance(system, FloatFormat)
    for pattern in range(0, 1 << system.bits, 97):
        value = system.from_bits(pattern)
        groups = bits(name, "a", repr(value))
        if value == value:
            assert int("".join(group.bits for group in groups), 2) == pattern
        assert [len(group.bits) for group in groups] == [
            1,
            system.exponent_bits,
            system.precision - 1,
        ]


def test_what_has_no_bits_is_shown_without() -> None:
    """Truth values, exact terms, values of another format and real numbers."""
    assert bits("int8", "a = b", "true") == []
    assert bits("float16", "⟦a⟧", "0.5") == []
    assert bits("float16", "a", "0.1") == []
    assert bits("real", "a", "1/2") == []
    assert bits("int8", "a", "300") == []


def test_words_become_paragraphs_without_markup_of_their_own() -> None:
    """What looks like a tag stays text."""
    assert paragraphs("a < b\nand `c`\n\nd") == "<p>a &lt; b and <code>c</code></p>\n<p>d</p>"


def test_a_claim_knows_its_chapter() -> None:
    """It is the folder of its file."""
    from proofs import claims

    assert chapter_of(claims()["nan-iff"]) == "max_by_relu"
