"""Where results go, and what is refused before anything runs."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from verify.commands.options import UsageError
from verify.commands.output import targets, write_json, write_xml
from verify.streams import SPELLED


def asked(**files: str) -> argparse.Namespace:
    """Return options that name these outputs."""
    return argparse.Namespace(**files)


def test_outputs_are_returned(tmp_path: Path) -> None:
    """What can be written is named, and nothing is left behind by the look at it."""
    json, junit = str(tmp_path / "größe−1.json"), str(tmp_path / "report.xml")
    assert targets(asked(json=json, junit=junit)) == [json, junit]
    assert targets(asked(json="-", junit=junit)) == ["-", junit]
    assert list(tmp_path.iterdir()) == []


def test_what_a_file_holds_survives_the_look_at_it(tmp_path: Path) -> None:
    """A run that is refused for another reason leaves the former report as it was."""
    file = tmp_path / "report.json"
    file.write_text("former", encoding="utf-8")
    with pytest.raises(UsageError):
        targets(asked(json=str(file), junit=str(tmp_path)))
    assert file.read_text(encoding="utf-8") == "former"


@pytest.mark.parametrize("exists", [False, True])
def test_two_outputs_to_one_file_are_refused(
    exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the file is spelled: relative, around a corner, by a link."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out", target_is_directory=False)
    if exists:
        (tmp_path / "out").touch()
        os.link(tmp_path / "out", tmp_path / "hard")
    spellings = ["out", "./out", "folder/../out", str(tmp_path / "out"), "link"]
    for other in spellings + ["hard"] * exists:
        with pytest.raises(UsageError) as refused:
            targets(asked(json="out", junit=other))
        assert str(refused.value) == f"--json out and --junit {other} cannot share one file"
    with pytest.raises(UsageError, match=r"--json out and --plan out cannot share one file"):
        targets(asked(json="out"), plan="out")


def test_two_outputs_to_standard_output_are_refused() -> None:
    """Nor may a file be where the page goes."""
    with pytest.raises(UsageError) as refused:
        targets(asked(json="-", junit="-"))
    assert str(refused.value) == "--json - and --junit - cannot share standard output"


@pytest.mark.skipif(not Path("/dev/fd/1").exists(), reason="needs the device of standard output")
def test_a_file_is_not_where_the_page_goes(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output by another name would mix the page with the data."""
    with pytest.raises(UsageError) as refused:
        targets(asked(json="/dev/fd/1"))
    said = "--json /dev/fd/1 is where the page goes: --json - leaves that out"
    assert str(refused.value) == said


def test_nothing_is_kept_by_the_null_device() -> None:
    """Two outputs may both be thrown away."""
    assert targets(asked(json=os.devnull, junit=os.devnull)) == [os.devnull, os.devnull]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "it is a folder"),
        ("no/such/file", "there is no folder"),
        ("x" * 300, "file name too long"),
        ("file/under", "there is no folder"),
    ],
)
def test_what_cannot_be_written_is_refused_early(name: str, reason: str, tmp_path: Path) -> None:
    """One line that names the file and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"^cannot write .*: {reason}"):
        targets(asked(json=str(tmp_path / name)))


def test_data_for_a_stream_that_lacks_letters_is_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON and XML read back to what they are: nothing in them is respelled."""
    said = "a − b ≤ größe\udcff"
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "latin-1", errors=SPELLED))
    write_json("-", {"said": said})
    sys.stdout.flush()
    assert raw.getvalue().isascii() and json.loads(raw.getvalue()) == {"said": said}
    raw.seek(0)
    raw.truncate()
    write_xml("-", f"<said>{said[:-1]}</said>")
    sys.stdout.flush()
    assert raw.getvalue().isascii()
    assert ElementTree.fromstring(raw.getvalue().decode("ascii")).text == said[:-1]
    # A file holds every letter, but for the bytes of a name that is no UTF-8.
    file = tmp_path / "report.json"
    write_json(str(file), {"said": said})
    written = file.read_text(encoding="utf-8")
    assert "a − b ≤ größe\\udcff" in written and json.loads(written) == {"said": said}
