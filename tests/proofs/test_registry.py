from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import proofs
from proofs.answers import EXERCISES
from proofs.claim import Check, Claim, Theorem
from proofs.notation import latex, text
from proofs.terms import conjunction, subterms
from proofs.verdict import Verdict
from verify.run.selection import selector

CLAIMS = proofs.claims()
MODULES = [
    module.name
    for chapter in proofs.CHAPTERS
    for module in pkgutil.walk_packages([f"{proofs.__path__[0]}/{chapter}"], f"proofs.{chapter}.")
    if not module.ispkg and "._" not in module.name
]


def test_a_file_is_a_claim(subtests: pytest.Subtests) -> None:
    """Every file holds one claim, whose id is the file's name with dashes."""
    for module in MODULES:
        with subtests.test(module):
            values = vars(importlib.import_module(module)).values()
            held = [value for value in values if isinstance(value, Claim)]
            assert [claim.id for claim in held] == [module.rsplit(".", 1)[1].replace("_", "-")]
            assert CLAIMS[held[0].id] is held[0]


def test_every_claim_is_in_a_file() -> None:
    """No claim comes from elsewhere, and every one is found under its id."""
    assert len(CLAIMS) == len(MODULES) >= 117
    assert all(claim.id == name for name, claim in CLAIMS.items())


def test_a_claim_is_complete(subtests: pytest.Subtests) -> None:
    """It says what it says in words, where it comes from and holds, and can fail."""
    for claim in CLAIMS.values():
        with subtests.test(claim.id):
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)
            for words in (claim.title, claim.why, claim.source, claim.generality):
                assert words.strip() == words != ""
            assert claim.title.endswith(".") and claim.why.endswith(".")
            assert len(claim.title.split()) <= 25
            assert claim.holds.strip() == claim.holds and not claim.holds.endswith(".")
            assert claim.expected and claim.parts
            assert len(claim.mutants) >= 2
            assert all(claim.mutants)
            for system in claim.expected:
                assert any(not part.cross_check for part in claim.parts_in(system)), system
            for part in claim.parts:
                assert set(part.systems) <= set(claim.expected)


def runs_of_words(sentence: str, length: int = 4) -> set[tuple[str, ...]]:
    """Return every few words that follow each other; letters of formulas are no words."""
    words = re.findall(r"[^\W\d_]{2,}", sentence.lower())
    return {tuple(words[place : place + length]) for place in range(len(words) - length + 1)}


def test_conditions_do_not_repeat_the_title(subtests: pytest.Subtests) -> None:
    """What is said under ``holds`` is something else than the title: no four words of it."""
    for claim in CLAIMS.values():
        with subtests.test(claim.id):
            assert not runs_of_words(claim.title) & runs_of_words(claim.holds)


def test_a_repetition_is_seen() -> None:
    """Four words in a row are one, whatever stands around them; three or formulas are not."""
    title = runs_of_words("A larger stride never has more taps in all.")
    assert title & runs_of_words("undilated, where a larger stride never has more")
    assert not title & runs_of_words("a larger stride has no more taps: k + 1 ≤ n + 1")
    assert not runs_of_words("ReLU(a − b) + b") & runs_of_words("if ReLU(a − b) + b is finite")


def test_parts_have_names_of_their_own(subtests: pytest.Subtests) -> None:
    """In each number system two parts are never called the same."""
    for claim in CLAIMS.values():
        with subtests.test(claim.id):
            for system in claim.expected:
                names = [part.name for part in claim.parts_in(system)]
                assert len(set(names)) == len(names)


def test_what_is_measured_is_named(subtests: pytest.Subtests) -> None:
    """Only a claim whose sentence speaks of torch may say what torch was seen to do."""
    for claim in CLAIMS.values():
        if Verdict.MEASURED in claim.expected.values():
            with subtests.test(claim.id):
                assert re.search(r"\b(torch|numpy|avg_pool2d)\b", claim.title)


def test_what_torch_is_seen_to_do_is_measured(subtests: pytest.Subtests) -> None:
    """A check that runs torch grants no other word, in a claim, beside one or as a mutant."""
    for claim in CLAIMS.values():
        for part in (*claim.parts, *claim.mutants.values()):
            if isinstance(part, Check) and part.engine == "torch":
                with subtests.test(f"{claim.id}, {part.name}"):
                    assert part.grants is Verdict.MEASURED


def cells(word: Verdict) -> list[tuple[str, str]]:
    """Return the cells of the matrix that are expected to be ``word``."""
    return [(c.id, name) for c in CLAIMS.values() for name, v in c.expected.items() if v is word]


def marked(claim: Claim, word: str) -> list[str]:
    """Return the number systems whose cells of the claim carry a mark."""
    affirmed = [name for name, verdict in claim.expected.items() if verdict.affirms]
    return [name for name in affirmed if word in {mark.word for mark in claim.marks_in(name)}]


def headline() -> set[str]:
    """Return the claims people meet first: in the README's matrix, and what exercises rest on."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (expression,) = re.findall(r'^\$ python -m verify all -k "(.*)"$', readme, re.MULTILINE)
    shown = filter(selector(expression, CLAIMS), CLAIMS)
    return {*shown, *(id_ for exercise in EXERCISES for id_ in exercise.claims)}


def test_few_words_need_an_excuse() -> None:
    """Partial cells are 15 at most, cells with an argued step 12, and only sampled ones 8."""
    argued = [(claim.id, name) for claim in CLAIMS.values() for name in marked(claim, "argued")]
    assert len(cells(Verdict.PARTIAL)) <= 15 and len(argued) <= 12
    assert len(cells(Verdict.TESTED)) <= 8
    sampled = {claim for claim, _ in cells(Verdict.TESTED)}
    assert not sampled & {
        *("max-is-relu-error-bound", "max-is-relu-when-exact", "sterbenz", "fold-error-bound"),
        *("right-iff-difference-exact", "nan-iff", "no-overflow-in-half-the-range"),
        *("three-relus-are-the-difference-form", "one-of-two-orders-is-right"),
    }


def test_no_headline_needs_an_excuse(subtests: pytest.Subtests) -> None:
    """What people meet first is judged in full, by engines and not by words, and not by samples."""
    rows = headline()
    assert {"max-is-relu", "min-is-negated-max", "no-linear-kernel-is-max"} <= rows <= set(CLAIMS)
    assert len(rows) > 30
    for id_ in sorted(rows):
        with subtests.test(id_):
            assert not marked(CLAIMS[id_], "argued")
            assert not {*CLAIMS[id_].expected.values()} & {Verdict.PARTIAL, Verdict.TESTED}


def test_marks_stand_beside_what_is_affirmed() -> None:
    """And say what they are about; what is missing stands beside cells that are partial."""
    for claim in CLAIMS.values():
        affirmed = {name for name, verdict in claim.expected.items() if verdict.affirms}
        for mark in claim.marks:
            assert set(mark.systems) <= affirmed and mark.what
        stated = {name for name, verdict in claim.expected.items() if verdict is Verdict.PARTIAL}
        assert set(claim.unstated) <= stated


def test_every_formula_can_be_written(subtests: pytest.Subtests) -> None:
    """Statements, mutants included, have a plain and a LaTeX form, and different ones differ."""
    for claim in CLAIMS.values():
        with subtests.test(claim.id):
            theorems = [
                *claim.theorems,
                *(x for x in claim.mutants.values() if isinstance(x, Theorem)),
            ]
            for theorem in theorems:
                nodes = list(subterms(conjunction((*theorem.premises, theorem.conclusion))))
                assert all(text(node) and latex(node) for node in nodes)
                if theorem.premises:
                    assert theorem.variables


def test_folders_come_in_order_and_twice_the_same() -> None:
    """The registry is one dictionary, built once, in the order of folders and files."""
    assert proofs.claims() is CLAIMS
    assert list(proofs.claims.__wrapped__()) == list(CLAIMS)
    assert {claim.module for claim in CLAIMS.values()} == set(MODULES)
    chapters = [claim.module.split(".")[1] for claim in CLAIMS.values()]
    assert list(dict.fromkeys(chapters)) == list(proofs.CHAPTERS)
    assert chapters == sorted(chapters, key=proofs.CHAPTERS.index)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A further folder of claims beside those of ``proofs``, gone after the test."""
    package = tmp_path / "zz_more"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(proofs, "CHAPTERS", (*proofs.CHAPTERS, "zz_more"))
    monkeypatch.setattr(proofs, "__path__", [*proofs.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield package
    for name in [name for name in sys.modules if name.startswith("proofs.zz_more")]:
        del sys.modules[name]
    if hasattr(proofs, "zz_more"):
        del proofs.zz_more


def test_a_new_file_is_found(folder: Path) -> None:
    """A claim is one new file; files that begin with an underscore are shared by claims."""
    (folder / "_tables.py").write_text("claim = 'not one'\n")
    (folder / "new_one.py").write_text(
        "from dataclasses import replace\n"
        "from proofs.max_by_relu.max_is_relu import claim as old\n"
        "claim = replace(old, module=__name__)\n"
    )
    found = proofs.claims.__wrapped__()
    assert list(found) == [*CLAIMS, "new-one"]
    assert found["new-one"].id == "new-one"


def test_a_second_claim_under_one_id_is_refused(folder: Path) -> None:
    """Two files cannot claim under one id."""
    (folder / "max_is_relu.py").write_text("")
    with pytest.raises(ValueError) as caught:
        proofs.claims.__wrapped__()
    assert str(caught.value) == (
        "two claims are called max-is-relu: proofs.max_by_relu.max_is_relu and "
        "proofs.zz_more.max_is_relu"
    )


def test_one_claim_is_imported_alone() -> None:
    """Looking one claim up imports no other, and counting them imports none."""
    code = (
        "import sys, proofs\n"
        "known = proofs.claims()\n"
        "assert len(known) >= 117\n"
        "loaded = lambda: {name for name in sys.modules if name.startswith('proofs.m')}\n"
        "assert not loaded(), loaded()\n"
        "known['max-is-commutative']\n"
        "print(sorted(loaded()))\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout == (
        "['proofs.max_and_min', 'proofs.max_and_min.max_is_commutative']\n"
    ), printed.stderr
