"""LeNet on small digits, with max-pooling in eight forms: do they train alike?

    python -m benchmarks.training

trains a LeNet on scikit-learn's digits once for each form and seed, counts on the way how often
taps tie behind the ReLU and how much of the gradient each form takes elsewhere, and writes
``benchmarks/recorded/training.json``, ``docs/training.md`` and ``docs/training.svg``. It takes less
than two minutes on two cores. With ``--page`` the page and the plot are written from the record.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from proofs.rebuilt.gradients_by_form import FORMS, table

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "benchmarks" / "recorded" / "training.json"
PAGE = ROOT / "docs" / "training.md"
PLOT = ROOT / "docs" / "training.svg"

SEEDS = (0, 1, 2)
EPOCHS = 20
#: The epoch at which the table looks in.
EARLY = 5
BATCH = 64
RATE, MOMENTUM = 0.05, 0.9
#: Two in ten of the pictures are for the test.
TESTED = 360
#: Pictures on which ties are counted.
COUNTED = 256


class Digits(NamedTuple):
    """Pictures of 8 × 8 between 0 and 1, and which digits they are."""

    pictures: Tensor
    labels: Tensor


def digits() -> tuple[Digits, Digits]:
    """Return the pictures to train with, and those to test with, shuffled from a fixed seed."""
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    pictures = torch.from_numpy(data.images).float()[:, None] / 16
    labels = torch.from_numpy(data.target).long()
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    pictures, labels = pictures[order], labels[order]
    return (
        Digits(pictures[TESTED:], labels[TESTED:]),
        Digits(pictures[:TESTED], labels[:TESTED]),
    )


class Pool(nn.Module):
    """Max-pooling 2 × 2 in one of the forms of ``gradients-by-form``."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest of every window."""
        n, c, h, w = x.shape
        pooled = FORMS[self.form].of(windows(x))
        return pooled.reshape(n, c, h // 2, w // 2)


def windows(x: Tensor) -> Tensor:
    """Return the windows of 2 × 2 as rows of four taps, in torch's order."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 1, 2, 4, 3, 5).reshape(-1, 4)


def lenet(form: str, seed: int) -> nn.Sequential:
    """Return a LeNet for pictures of 8 × 8; of one seed all forms begin with the same weights."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), Pool(form),
        nn.Conv2d(6, 16, 3, padding=1), nn.ReLU(), Pool(form),
        nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10),
    )  # fmt: skip


class Run(NamedTuple):
    """One training: mean losses and accuracies on the test, an entry for each epoch."""

    losses: list[float]
    accuracies: list[float]


def trained(form: str, seed: int, epochs: int, train: Digits, test: Digits) -> tuple[Run, Any]:
    """Train a network; return how it went, and the network."""
    network = lenet(form, seed)
    descent = torch.optim.SGD(network.parameters(), RATE, MOMENTUM)
    drawn = torch.Generator().manual_seed(seed)
    run = Run([], [])
    for _ in range(epochs):
        total = 0.0
        order = torch.randperm(len(train.labels), generator=drawn)
        for chosen in torch.split(order, BATCH):
            loss = functional.cross_entropy(network(train.pictures[chosen]), train.labels[chosen])
            descent.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            descent.step()
            total += loss.item() * len(chosen)
        with torch.no_grad():
            right = network(test.pictures).argmax(1) == test.labels
        run.losses.append(total / len(train.labels))
        run.accuracies.append(float(right.float().mean()))
    return run, network


class Ties(NamedTuple):
    """Of the windows of one pooling layer: how many tie, and what forms do with their gradients."""

    windows: int
    tie: float
    all_zero: float
    #: Form → the share of the gradient, by its size, that goes elsewhere than max-pooling's.
    moved: dict[str, float]


def ties(network: nn.Sequential, train: Digits) -> list[Ties]:
    """Return what a network sees at its pooling layers, on its way back too."""
    pictures, labels = train.pictures[:COUNTED], train.labels[:COUNTED]
    seen: list[tuple[Tensor, Tensor]] = []
    x = pictures
    for layer in network:
        y = layer(x)
        if isinstance(layer, Pool):
            y.retain_grad()
            seen.append((x, y))
        x = y
    functional.cross_entropy(x, labels).backward()  # type: ignore[no-untyped-call]
    found = []
    for before, after in seen:
        rows = windows(before.detach())
        assert after.grad is not None
        above = after.grad.reshape(-1)
        largest = rows.amax(1, keepdim=True)
        native = _share(FORMS["native"].of, rows, above)
        total = float(above.abs().sum())
        moved = {
            # Half of what is taken from one and given to another, and all that is lost.
            name: float((_share(form.of, rows, above) - native).abs().sum()) / total
            for name, form in FORMS.items()
        }
        tie = ((rows == largest).sum(1) > 1).float().mean()
        found.append(Ties(len(rows), float(tie), float((rows == 0).all(1).float().mean()), moved))
    return found


def _share(of: Any, rows: Tensor, above: Tensor) -> Tensor:
    x = rows.clone().requires_grad_()
    (found,) = torch.autograd.grad(of(x), x, above)
    return found


def measure(seeds: Sequence[int] = SEEDS, epochs: int = EPOCHS) -> dict[str, Any]:
    """Train all; return the record."""
    torch.set_num_threads(1)  # one order of every sum
    train, test = digits()
    runs: dict[str, list[Run]] = {}
    counted = {"at the start": ties(lenet("native", seeds[0]), train)}
    for form in FORMS:
        for seed in seeds:
            run, network = trained(form, seed, epochs, train, test)
            runs.setdefault(form, []).append(run)
            if form == "native" and seed == seeds[0]:
                counted["trained"] = ties(network, train)
    return {
        "versions": {"python": platform.python_version(), "torch": version("torch").split("+")[0],
                     "scikit-learn": version("scikit-learn")},
        "seeds": list(seeds),
        "epochs": epochs,
        "runs": {form: [run._asdict() for run in every] for form, every in runs.items()},
        "ties": {when: [layer._asdict() for layer in layers] for when, layers in counted.items()},
    }  # fmt: skip


# -- the page ------------------------------------------------------------------------------------


def page(record: dict[str, Any]) -> str:
    """Return ``docs/training.md``: what autograd says of forms, and what came of it."""
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    return PAGE_TEXT.format(
        gradients=table(),
        ties=_ties_table(record["ties"]),
        results=_results_table(record["runs"]),
        epochs=record["epochs"],
        seeds=", ".join(map(str, record["seeds"])),
        versions=versions,
    )


def _ties_table(found: dict[str, list[dict[str, Any]]]) -> str:
    forms = [form for form in FORMS if form != "native"]
    heads = ["", "windows", "tie", "all 0", *forms]
    lines = [heads, ["---"] * len(heads)]
    for when, layers in found.items():
        for number, layer in enumerate(layers, start=1):
            lines.append([
                f"pooling layer {number}, {when}", f"{layer['windows']:,}",
                f"{layer['tie']:.1%}", f"{layer['all_zero']:.1%}",
                *(f"{layer['moved'][form]:.1%}" for form in forms),
            ])  # fmt: skip
    return _written(lines)


def _results_table(runs: dict[str, list[dict[str, Any]]]) -> str:
    heads = ["form", "loss, last epoch", f"accuracy, epoch {EARLY}", "accuracy, last epoch",
             "losses of the first epoch differ from native's by up to"]  # fmt: skip
    lines = [heads, ["---"] * len(heads)]
    for form, every in runs.items():
        cells = [
            _spread([run[key][place] for run in every], percent=key == "accuracies")
            for key, place in (("losses", -1), ("accuracies", EARLY - 1), ("accuracies", -1))
        ]
        pairs = zip(every, runs["native"], strict=True)
        apart = max(abs(run["losses"][0] - one["losses"][0]) for run, one in pairs)
        lines.append([form, *cells, f"{apart:.1g}"])
    return _written(lines)


def _spread(values: list[float], *, percent: bool) -> str:
    """Return a mean with its range.

    >>> _spread([0.5, 0.6, 0.7], percent=True)
    '60.0 % (50.0 … 70.0)'
    """
    if percent:
        mean, low, high = (100 * f(values) for f in (statistics.fmean, min, max))
        return f"{mean:.1f} % ({low:.1f} … {high:.1f})"
    return f"{statistics.fmean(values):.4f} ({min(values):.4f} … {max(values):.4f})"


def _written(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PAGE_TEXT = """# Trained the same?

Forms of max-pooling have equal outputs and other gradients, for where taps tie a maximum has no
derivative. Does it matter? One command makes this page, in less than two minutes on two cores:

```console
python -m benchmarks.training
```

## What autograd gives to each tap

Of windows of four taps, each of them −∞, −1, −0, 0, 1, ∞ or NaN; who gets the gradient. The claim
`gradients-by-form` holds every cell against the chain rule. The last column is of windows of normal
numbers, the second and the third tap equal: what merges them rounds, and a tie may tie no longer.

{gradients}

`python -m verify equivalent mine.py:Pool "max_pool2d(2)" --input 1x1x4x4 --backward` judges a form
of your own; [judge_a_rewrite.md](judge_a_rewrite.md) says how.

## What a training run sees

Behind a ReLU taps tie all the time, at 0. In a LeNet with native max-pooling, seed 0, at {counted}
pictures: how many windows tie, how many are 0 throughout, and for each form how much of the
gradient would go elsewhere than max-pooling gives it: Σ |its gradient − max-pooling's| over the sum
of what comes from above, so that 100 % is all of it lost and 200 % all of it given to other taps.

{ties}

What reaches a tap that is 0 goes no further, since the ReLU before it is flat there: where windows
of zeros alone are concerned, all forms train the same weights. Positive taps tie as well, where
patches of the picture are alike, and there it is one patch for another: the same gradient of the
weights, but for the order of sums. That is why ties move so much of the gradient, and so little of
the losses below. A pooling without a ReLU before it, or behind one whose slope is not 0, has no
such luck. Log-sum-exp is another function: of small taps it is nearly their mean and log 4, and
gives each nearly a quarter.

## What came of it

A LeNet (convolutions of 6 and 16 channels, 3 × 3, each with a ReLU and max-pooling 2 × 2; 64, 32
and 10 neurons) on scikit-learn's 1,797 digits of 8 × 8, 360 of them for the test; cross-entropy,
batches of 64, stochastic gradient descent at a rate of 0.05 with momentum 0.9, {epochs} epochs;
seeds {seeds}, each with the same weights and the same batches for all forms. Mean and range over
seeds.

{results}

![Losses and accuracies by epoch, for each form](training.svg)

In the first epoch all but log-sum-exp go the same way but for rounding, a stable sort bit for bit;
what is rounded otherwise grows, as it does between two processors, and is no merit of a form.

Measured with {versions}, on one thread.
""".replace("{counted}", str(COUNTED))


def plot(record: dict[str, Any], path: Path) -> None:
    """Draw the loss and the accuracy of every form against epochs, means over seeds."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    epochs = range(1, record["epochs"] + 1)
    # Names of its own making and the date would change the file with every run.
    with pyplot.rc_context({"svg.hashsalt": "training", "svg.fonttype": "none", "font.size": 9}):
        figure, panels = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
        for (form, every), marker in zip(record["runs"].items(), "osd^vx+*", strict=True):
            for panel, key in zip(panels, ("losses", "accuracies"), strict=True):
                means = [statistics.fmean(at) for at in zip(*(r[key] for r in every), strict=True)]
                panel.plot(epochs, means, marker=marker, markersize=4, linewidth=1, label=form)
        panels[0].set(xlabel="epoch", ylabel="loss in training", yscale="log")
        panels[1].set(xlabel="epoch", ylabel="accuracy on the test", ylim=(0.8, 1))
        for panel in panels:
            panel.grid(alpha=0.3)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def main() -> None:
    """Measure unless told otherwise, and write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="from the record, without training")
    if not parser.parse_args().page:
        RECORD.write_text(json.dumps(measure(), indent=1) + "\n", "utf-8")
    record = json.loads(RECORD.read_text("utf-8"))
    PAGE.write_text(page(record), "utf-8")
    plot(record, PLOT)
    print(f"{PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)} are written")


if __name__ == "__main__":
    main()
