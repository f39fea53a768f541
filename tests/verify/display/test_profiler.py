from __future__ import annotations

from verify.display.profiler import page
from verify.measure.finding import DIFFERS, EQUAL, SKIPPED, Finding
from verify.measure.layers import LAYERS
from verify.measure.notes import Timing, Traffic


def test_the_page() -> None:
    """Counts of words by check and tool, each difference with both numbers, and a closing line."""
    findings = [
        Finding("launch", "torch.profiler", LAYERS[0], EQUAL, 1, 1),
        Finding("launch", "torch.profiler", LAYERS[1], DIFFERS, 1234, 1235, "not the same"),
        Finding("instructions", "ncu", None, SKIPPED, reason="no ncu"),
        Finding("native, left alone", "ncu", None, SKIPPED, reason="no ncu"),
    ]
    lines = page(findings).splitlines()
    assert lines[1].split() == ["launch", "torch.profiler", "1", "1", "0", "0"]
    assert "SKIPPED  2 checks: no ncu" in lines
    at = lines.index(f"DIFFERS  launch by torch.profiler, {LAYERS[1].name}: not the same")
    assert [line.split() for line in lines[at + 1 : at + 3]] == [
        ["predicted", "1234"],
        ["counted", "1235"],
    ]
    assert lines[-1] == "1 EQUAL, 1 DIFFERS, 2 SKIPPED, 0 ERROR"


def test_bytes_and_times() -> None:
    """Ratios are shown, and a time that is missing is a dash with its reason."""
    shown = page(
        [],
        [Traffic(layer="stem", compulsory=4014080, read=3211264, written=1204224)],
        [
            Timing("stem", (64, 64, 112, 112), "native", 0.0001, 2e12, 0.5, 1.0),
            Timing("stem", (64, 64, 112, 112), "rebuilt, compiled", reason="no compiler"),
            Timing("pairs of float16", (64, 65536), "sweep", 0.5, pairs=64 * 65536),
        ],
    )
    assert "stem          4,014,080        4,415,488  1.100" in shown
    assert "stem  native             64×64×112×112  100.00  2,000.00      50.00      1.00" in shown
    assert "no time for stem, rebuilt, compiled: no compiler" in shown
    swept = "pairs of float16: 4,194,304 of 4,294,967,296 swept in 0.50 s, 8.39e+06 in a second"
    assert swept in shown
