"""What a model costs, as a page: totals, the tree of its modules with shares, its rooflines."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from costmodel.model_cost import ModelCost
from costmodel.whole.roofline import ModelRoofline
from verify.site.writing import Site


def write(folder: Path, counted: ModelCost, rooflines: Sequence[ModelRoofline]) -> Site:
    """Write the page of a model's cost into ``folder``.

    The picture of the rooflines needs matplotlib, the optional extra ``poolproof[plot]``; without
    it there are the tables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder, parts=(("index.html", "Cost"),))
    drawn = bool(rooflines) and find_spec("matplotlib") is not None
    if drawn:
        from verify.display.cost.plots import draw_model

        draw_model(rooflines).savefig(folder / "rooflines.svg")
    site.page(
        "index.html",
        "model.html",
        title=f"What {counted.model} costs",
        counted=counted,
        modules=counted.by_module(),
        operators=counted.by_operator(),
        rooflines=rooflines,
        drawn=drawn,
    )
    for row in counted.by_module():
        site.found_by(row.name or counted.model, "module", "index.html#modules", row.type)
    site.page("licences.html", "licences.html", title="Licences", licences=())
    site.finish()
    return site
