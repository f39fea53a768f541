"""What the program calls itself, in the places where its users read it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import verify
from verify import cli, names

ROOT = Path(__file__).parents[2]


def test_it_goes_by_the_name_it_was_started_with(tmp_path: Path) -> None:
    """Started as ``poolproof`` it says so in usage, errors and the commands it proposes."""
    script = tmp_path / "poolproof"
    script.write_text("from verify.cli import main; raise SystemExit(main())\n", encoding="utf-8")

    def said(*arguments: str, start: tuple[str, ...] = (str(script),)) -> str:
        ran = subprocess.run(
            [sys.executable, *start, *arguments], capture_output=True, text=True, check=False,
            cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        return ran.stdout + ran.stderr

    assert said("--help").startswith("usage: poolproof [-h]")
    assert said("cost", "--help").startswith("usage: poolproof cost OPERATOR")
    assert said("all", "--seed", "x").startswith("poolproof all: argument --seed")
    assert said("all", "--system", "x").startswith("poolproof all: --system 'x' is not one of")
    assert "  poolproof cost max_pool2d --input " in said("show", "max_pool2d")
    assert said("all", "--seed", "x", start=("-m", "verify")).startswith("python -m verify all: ")


def test_a_failure_is_rerun_by_the_name_it_was_started_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the script is an ``.exe``."""
    monkeypatch.setattr(sys, "argv", ["/somewhere/poolproof.exe"])
    assert names.program() == "poolproof"
    monkeypatch.setattr(sys, "argv", [str(ROOT / "verify" / "__main__.py")])
    assert names.program() == "python -m verify"


def test_the_version_is_the_installed_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--version`` and ``__version__`` say what was installed; nothing else prints it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert names.NAME == declared["name"]
    with pytest.raises(SystemExit) as left:
        cli.main(["--version"])
    assert left.value.code == 0
    version = metadata.version("poolproof")
    assert capsys.readouterr().out == f"poolproof {version}\n"
    assert verify.__version__ == version

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert names.version() == "0+not.installed"
