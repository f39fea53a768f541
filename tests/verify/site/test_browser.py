"""The pages in a real browser: what they compute, what they show, who can use them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import pytest
import torch

import costmodel
from pooling.networks import Affine, Network
from proofs.networks._counterexamples import refute_one_layer
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.site.numbers import formats, rewrites, wrong_shares
from verify.site.writing import PARTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

#: Pages of each sort, for what takes long on every page.
SORTS = (
    *(href for href, _ in PARTS),
    "claims/max-is-relu.html",
    "claims/taps-closed-form.html",
    "guides/readme.html",
    "guides/accuracy.html",
    "poolings/max_pool.html",
    "reference/pooling.windows.html",
)
PAIRS = 3000


def opened(page: Page, site: Path, path: str) -> Page:
    """Go to a page of the site, as a file."""
    file, _, anchor = path.partition("#")
    page.goto(f"{(site / file).as_uri()}#{anchor}")
    return page


def test_no_page_has_an_error_in_the_console(site: Path, page: Page) -> None:
    """Every page loads, with its scripts, without a word in the console."""
    paths = sorted(str(file.relative_to(site)) for file in site.rglob("*.html"))
    assert len(paths) > 200
    for path in paths:
        opened(page, site, path)


@pytest.mark.parametrize("width", [360, 1400])
def test_no_page_is_wider_than_the_screen(
    site: Path, browser: Browser, width: int, tmp_path: Path
) -> None:
    """At the width of a phone and of a desk nothing sticks out; pictures are taken of each."""
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        for path in SORTS:
            opened(page, site, path)
            picture = tmp_path / f"{path.replace('/', '-')}-{width}.png"
            page.screenshot(path=picture)
            assert picture.stat().st_size > 5000
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_bars_anybody(site: Path, browser: Browser, scheme: Any) -> None:
    """Axe finds no serious or critical barrier on any sort of page, dark or light."""
    from axe_playwright_python.sync_playwright import Axe

    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        for path in SORTS:
            opened(page, site, path)
            found = Axe().run(page).response["violations"]
            serious = [
                (one["id"], [node["html"][:120] for node in one["nodes"][:3]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == [], path


def bits_of(system: FloatFormat | Any, values: torch.Tensor) -> list[int]:
    """Return the bit patterns of a tensor of a format."""
    whole = {8: torch.uint8, 16: torch.int16, 32: torch.int32, 64: torch.int64}[system.bits]
    size = 1 << system.bits
    return [pattern % size for pattern in values.view(whole).tolist()]


def pairs(system: Any) -> tuple[list[int], list[int]]:
    """Return bit patterns to pair: specials and ties first, then random ones."""
    drawn = random.Random(0)
    size = 1 << system.bits
    special = [0, 1, 2, size - 1, size // 2, size // 2 - 1, size // 2 + 1]
    if isinstance(system, FloatFormat):
        stored = system.precision - 1
        one = system.bias << stored
        top = ((1 << system.exponent_bits) - 1) << stored
        special += [one, one + 1, one - 1, top, top - 1, top + 1, 1 << stored, (1 << stored) - 1]
        special += [one + (stored << stored), one + ((stored + 1) << stored) + 1]
        special += [pattern + size // 2 for pattern in special if pattern < size // 2]
    left = [a for a in special for _ in special]
    right = [b for _ in special for b in special]
    more = PAIRS - len(left)
    # Near exponents round in interesting ways; random patterns hardly ever have them.
    for _ in range(more):
        a = drawn.randrange(size)
        b = drawn.randrange(size) if drawn.random() < 0.5 else (a + drawn.randrange(-9, 9)) % size
        left.append(a)
        right.append(b)
    return left, right


def in_torch(system: Any, left: list[int], right: list[int]) -> dict[str, list[int]]:
    """Return what torch computes of each pair at every step of the difference form, as bits."""
    if isinstance(system, FloatFormat):
        whole = {8: numpy.uint8, 16: numpy.uint16, 32: numpy.uint32, 64: numpy.uint64}[system.bits]
        a, b = (torch.from_numpy(numpy.array(side, dtype=whole).copy()) for side in (left, right))
        a, b = (side.view(getattr(torch, system.dtype or "")) for side in (a, b))

        def apply(f: Any, *args: torch.Tensor) -> torch.Tensor:
            if system.bits > 8:
                return torch.as_tensor(f(*args))
            return system.tensor_narrowed(f(*(x.to(torch.float32) for x in args))).to(args[0].dtype)

        difference = apply(torch.sub, a, b)
        positive = apply(torch.relu, difference)
        results = {
            "a - b": difference,
            "relu(a - b)": positive,
            "relu(a - b) + b": apply(torch.add, positive, b),
            "max(a, b)": apply(torch.maximum, a, b),
            "a * b": apply(torch.mul, a, b),
        }
        return {name: bits_of(system, value) for name, value in results.items()}
    exact = {"a - b": [], "relu(a - b)": [], "relu(a - b) + b": [], "max(a, b)": []}  # type: dict[str, list[int]]
    size = 1 << system.bits
    for x, y in zip(left, right, strict=True):
        p, q = (_whole(system, pattern) for pattern in (x, y))
        difference = system.apply("sub", [p, q])
        positive = system.apply("relu", [difference])
        for name, value in (
            ("a - b", difference),
            ("relu(a - b)", positive),
            ("relu(a - b) + b", system.apply("add", [positive, q])),
            ("max(a, b)", system.apply("maximum", [p, q])),
        ):
            exact[name].append(int(value) % size)
    return exact


def _whole(system: Any, pattern: int) -> int:
    signed = not system.name.startswith("uint")
    size = 1 << system.bits
    return pattern - size if signed and pattern >= size // 2 else pattern


COMPUTE = """([format, expressions, left, right]) => {
  const f = new Formats.Format(FORMATS.find((data) => data.name === format));
  const trees = expressions.map((text) => Rewrites.read(text, ["a", "b"]));
  const quick = Rewrites.canBeQuick(f, trees) ? trees.map((tree) => Rewrites.quick(f, tree)) : null;
  const out = trees.map(() => []);
  let apart = 0;
  for (let i = 0; i < left.length; i++) {
    const values = { a: f.ofBits(BigInt(left[i])), b: f.ofBits(BigInt(right[i])) };
    trees.forEach((tree, number) => {
      const value = Rewrites.steps(f, tree, values).at(-1).value;
      out[number].push(f.toBits(value).toString());
      if (quick) {
        const other = quick[number](Number(values.a), Number(values.b));
        if (!f.same(Number(value), other)) apart++;
      }
    });
  }
  return [out, apart];
}"""


@pytest.mark.parametrize("name", [data["name"] for data in formats()])
def test_the_arithmetic_is_that_of_torch_bit_for_bit(site: Path, page: Page, name: str) -> None:
    """Thousands of pairs, NaN, subnormals, ties and zeros among them, give torch's very bits.

    NaN is any NaN. Zeros may differ in sign where torch does not say which it gives. The quick
    arithmetic of the search agrees with the exact one.
    """
    system = SYSTEMS[name]
    left, right = pairs(system)
    wanted = in_torch(system, left, right)
    opened(page, site, "numbers.html")
    given = [name, list(wanted), [str(x) for x in left], [str(x) for x in right]]
    computed, apart = page.evaluate(COMPUTE, given)
    assert apart == 0
    for expression, mine in zip(wanted, computed, strict=True):
        for a, b, got, meant in zip(left, right, map(int, mine), wanted[expression], strict=True):
            assert _same(system, got, meant), f"{expression} at bits {a:#x}, {b:#x}"


def _same(system: Any, got: int, meant: int) -> bool:
    if got == meant or not isinstance(system, FloatFormat):
        return got == meant
    x, y = system.from_bits(got), system.from_bits(meant)
    return (math.isnan(x) and math.isnan(y)) or (x == 0 and y == 0)


def test_numbers_are_read_and_written_as_python_does(site: Path, page: Page) -> None:
    """Decimals, fractions, powers and bits are rounded to the format once, ties to even."""
    opened(page, site, "numbers.html")
    typed = ["0.1", "-1/3", "2^-24", "2^-25", "65519.999", "65520", "1e-8", "0x3c01", "-0", "1e400"]
    said = page.evaluate(
        """([name, typed]) => {
          const f = new Formats.Format(FORMATS.find((data) => data.name === name));
          return typed.map((text) => String(f.toBits(f.read(text).value)));
        }""",
        ["float16", typed],
    )
    system = SYSTEMS["float16"]
    assert isinstance(system, FloatFormat)
    values = ["0.1", "-1/3", "1/16777216", "1/33554432", "65519.999", "65520", "1e-8"]
    rounded = [system.rounded(Fraction(value)) for value in values]
    wanted = [*rounded, system.from_bits(0x3C01), -0.0, math.inf]
    assert [system.from_bits(int(bits)) for bits in said] == wanted
    refused = page.evaluate(
        """() => ["", "one", "1.5.2", "1/0"].map((text) => {
          try { new Formats.Format(FORMATS.find((data) => data.name === "float16")).read(text); }
          catch (error) { return error.message; }
        })"""
    )
    assert all("is no number" in message for message in refused)


def test_typing_two_numbers_shows_where_a_rewrite_fails(site: Path, page: Page) -> None:
    """The first page says so at once, and finds a pair for somebody's own rewrite."""
    opened(page, site, "index.html")
    verdict, status = page.locator(".playground-verdict"), page.locator(".playground-status")
    assert "Different" in verdict.inner_text()
    page.fill("#a", "3")
    page.fill("#b", "2")
    assert "Equal here" in verdict.inner_text()
    page.fill("#rewrite", "(a + b + |a - b|) / 2")
    page.click(".playground-find")
    status.get_by_text("Found at").wait_for()
    assert "Different" in verdict.inner_text()
    page.fill("#rewrite", "-min(-a, -b)")
    page.select_option("#format", "float8_e5m2")
    page.click(".playground-find")
    status.get_by_text("All 65,536 pairs").wait_for()
    page.fill("#rewrite", "relu(a - c) + b")
    assert "“c” is not known here" in verdict.inner_text()
    page.select_option("#format", "int8")
    page.fill("#rewrite", "relu(a - b) + b")
    page.fill("#a", "-2")
    page.fill("#b", "127")
    assert "wrapped around" in page.locator(".playground-steps").inner_text()
    page.fill("#a", "128")
    assert "int8 holds −128 to 127" in verdict.inner_text()


def test_the_matrix_can_be_filtered_and_the_choice_kept(site: Path, page: Page) -> None:
    """Words, chapter, system and verdict leave the rows and cells that meet them all."""
    opened(page, site, "index.html")
    rows = page.locator("#matrix-table tbody tr:visible")
    everything = rows.count()
    page.fill("#filter-words", "three relus")
    assert 0 < rows.count() < everything
    page.fill("#filter-words", "")
    page.select_option("#filter-system", "int8")
    page.select_option("#filter-verdict", "REFUTED")
    assert 0 < rows.count() < everything
    assert set(page.locator("td[data-system]:visible").evaluate_all(
        "cells => cells.map((cell) => cell.dataset.verdict)"
    )) == {"REFUTED"}  # fmt: skip
    kept = rows.count()
    page.reload()
    assert page.locator("#matrix-table tbody tr:visible").count() == kept


def test_the_search_finds_claims_functions_and_poolings(site: Path, page: Page) -> None:
    """A slash leads to the search; what it finds is a link, and Escape closes it."""
    opened(page, site, "claims/max-is-relu.html")
    page.keyboard.press("/")
    for words, href in (
        ("nan iff", "claims/nan-iff.html"),
        ("output_size", "reference/pooling.windows.html#output_size"),
        ("softmax pooling", "poolings/softmax_pool.html"),
        ("trust", "guides/trust.html"),
    ):
        page.fill("#search", words)
        links = page.locator("#search-results a").evaluate_all(
            "links => links.map((link) => link.getAttribute('href'))"
        )
        assert f"../{href}" in links, words
    page.keyboard.press("Escape")
    assert page.locator("#search-results").is_hidden()


CONVENTIONS = ("torch", "total", "valid", "same", "SAME_LOWER", "onnx", "full")


def windows(count: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield settings of the page on windows, and what the cost model says of each, or refuses."""
    drawn = random.Random(1)
    while count:
        convention = drawn.choice(CONVENTIONS)
        average = drawn.random() < 0.4
        axes = [
            {
                "size": drawn.randint(1, 16),
                "kernel": drawn.randint(1, 7),
                "stride": drawn.randint(1, 7),
                "dilation": drawn.choice([1, 1, 2, 3]),
                "before": drawn.randint(0, 4),
                "after": drawn.randint(0, 4),
            }
            for _ in range(2)
        ]
        given = {
            "operator": "avg" if average else "max",
            "convention": convention,
            "ceil": drawn.random() < 0.3,
            "channels": drawn.randint(1, 64),
            "bytes": 4,
            "axes": axes,
        }
        yield given, _cost(given)
        count -= 1


def _cost(given: dict[str, Any]) -> Any:
    axes, convention = given["axes"], given["convention"]
    padding: Any = {
        "torch": [(axis["before"], axis["after"]) for axis in axes],
        "total": [axis["before"] for axis in axes],
        "onnx": [axis[edge] for edge in ("before", "after") for axis in axes],
        "full": [axis["before"] for axis in axes],
    }.get(convention, 0)
    arguments: dict[str, Any] = {
        "kernel_size": [axis["kernel"] for axis in axes],
        "stride": [axis["stride"] for axis in axes],
        "padding": padding,
        "ceil_mode": given["ceil"],
        "padding_convention": convention,
    }
    arguments["dilation"] = [axis["dilation"] for axis in axes]
    operator = f"{given['operator']}_pool2d"
    shape = (1, given["channels"], *(axis["size"] for axis in axes))
    try:
        exact = costmodel.cost(operator, shape, **arguments)
        others = {
            counting: float(costmodel.flops(operator, shape, **arguments, counting=counting))
            for counting in ("exact", "window", "mac", "popular_floor", "popular_real")
        }
    except ValueError:
        return None
    return {
        "outputs": exact.outputs, "taps": exact.taps, "flops": exact.flops,
        "touched": exact.inputs_read, "bytes": exact.bytes_moved("float32"),
        "divisions": exact.divisions, "others": others,
    }  # fmt: skip


COUNT = """(all) => all.map((input) => {
  try {
    const counted = Windows.count(input);
    const { outputs, taps, flops, touched, bytes, divisions } = counted;
    const others = {};
    for (const { name, value } of Windows.countings(input, counted)) others[name] = value;
    return { outputs, taps, flops, touched, bytes, divisions, others };
  } catch (error) { return null; }
})"""


def test_windows_are_counted_as_the_cost_model_does(site: Path, page: Page) -> None:
    """Of 3,000 settings in all conventions each figure is the closed form's, or both refuse."""
    opened(page, site, "windows.html")
    settings = list(windows(3000))
    counted = page.evaluate(COUNT, [given for given, _ in settings])
    accepted = 0
    for (given, wanted), mine in zip(settings, counted, strict=True):
        if wanted is None:
            assert mine is None, given
            continue
        accepted += 1
        assert mine is not None, given
        others = mine.pop("others")
        for name, value in wanted["others"].items():
            assert math.isclose(others[name], value, rel_tol=1e-12), (name, given)
        assert mine == {key: value for key, value in wanted.items() if key != "others"}, given
    assert accepted > 1000


def test_sliders_move_windows_and_figures(site: Path, page: Page) -> None:
    """A slider changes the figures; what cannot be is said in words; windows slide."""
    opened(page, site, "windows.html")
    figures = page.locator(".windows-figures")
    before = figures.inner_text()
    page.locator("#w-kernel_rows").fill("2")
    assert figures.inner_text() != before
    where = page.locator(".windows-where")
    assert where.inner_text().startswith("Window (0, 0)")
    page.click(".windows-next")
    assert where.inner_text().startswith("Window (0, 1)")
    page.locator("#w-top").fill("4")
    assert "at most half the kernel" in page.locator(".windows-problem").inner_text()


def test_networks_compute_what_python_does(site: Path, page: Page) -> None:
    """Each drawn network gives the maximum of random fractions, exactly."""
    opened(page, site, "networks.html")
    drawn = random.Random(2)
    data = page.evaluate("NETWORKS")
    for number, network in enumerate(data):
        inputs = [
            [Fraction(drawn.randint(-50, 50), drawn.randint(1, 9)) for _ in range(network["taps"])]
            for _ in range(20)
        ]
        outputs = page.evaluate(
            """([number, all]) => { const layers = Networks.parsed(NETWORKS[number]);
              return all.map((values) => {
                const { n, d } = Networks.run(layers, values.map(Networks.number)).at(-1)[0];
                return `${n}/${d}`;
              }); }""",
            [number, [[str(x) for x in row] for row in inputs]],
        )
        assert [Fraction(x) for x in outputs] == [max(row) for row in inputs], network["name"]
    page.fill("#values", "1, 2, 3, 9")
    assert "The network gives 9" in page.locator(".networks-says").inner_text()
    page.fill("#values", "1, 2")
    assert "4 numbers are wanted, 2 are there" in page.locator(".networks-says").inner_text()


def test_one_hidden_layer_is_refuted_as_the_proof_says(site: Path, page: Page) -> None:
    """For random networks the finder gives the proof's own point and error."""
    opened(page, site, "networks.html")
    drawn = random.Random(3)
    for _ in range(20):
        neurons = [[drawn.randint(-4, 4) for _ in range(5)] for _ in range(drawn.randint(1, 6))]
        page.fill("#neurons", "\n".join(" ".join(map(str, row)) for row in neurons))
        network = Network((
            Affine(
                tuple(tuple(map(Fraction, row[:3])) for row in neurons),
                tuple(Fraction(row[3]) for row in neurons),
            ),
            Affine.linear([[row[4] for row in neurons]]),
        ))  # fmt: skip
        _, error = refute_one_layer(network)
        said = page.locator(".finder-says").inner_text()
        assert f"off by {error}." in said.replace("−", "-")


def test_planes_show_what_was_swept_and_what_is_near(site: Path, page: Page) -> None:
    """The whole plane has the sweep's share; single pairs are computed as they are elsewhere."""
    opened(page, site, "planes.html")
    says = page.locator(".planes-says")
    share = wrong_shares(rewrites()["difference"], "float16").mean()
    assert (
        f"{100 * share:.1f}" in says.inner_text().replace("%", "")[:200]
        or abs(float(says.inner_text().split(" % ")[0].split()[-1]) - 100 * share) < 0.2
    )
    for _ in range(14):
        page.click(".planes-in")
    assert "Every pair is tried" in says.inner_text()
    page.hover("canvas", position={"x": 100, "y": 100})
    assert "ReLU(a − b) + b is" in page.locator(".planes-pair").inner_text()
    page.locator("canvas").focus()
    page.keyboard.press("0")
    assert "Every one of the" in says.inner_text()
    for name in ("int8", "float8_e4m3fn", "bfloat16", "int16", "uint8"):
        page.select_option("#plane", name)
        assert says.inner_text().startswith(f"{name}:")


ACTIVE = "document.activeElement.id || document.activeElement.textContent.trim()"


def test_everything_can_be_reached_by_keyboard(site: Path, page: Page) -> None:
    """Tab leads from the skip link through the bar to the playground, and shows where it is."""
    opened(page, site, "index.html")
    reached = []
    for _ in range(22):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        )
    assert reached[0] == "Skip to the content"
    assert {"search", "format", "rewrite", "a", "b"} <= set(reached)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_results_of_the_report_are_those_on_the_page(
    site: Path, page: Page, report: dict[str, Any]
) -> None:
    """A claim's page shows the very counterexample of the report, with its bits."""
    opened(page, site, "claims/max-is-relu.html#float16")
    cell = next(
        cell for cell in report["cells"]
        if (cell["claim"], cell["system"]) == ("max-is-relu", "float16")
    )  # fmt: skip
    section = page.locator("section#float16")
    for name, value in cell["counterexample"]["assignment"].items():
        assert f"{name} = {value}" in section.inner_text()
    assert section.locator(".bits-exponent").count() >= 3
    assert json.dumps(cell["verdict"]).strip('"') in section.inner_text()
