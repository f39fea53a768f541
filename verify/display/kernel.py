"""What people see of the theorems that a proof kernel has checked."""

from rich.console import Console
from rich.text import Text

from proofs import claims
from proofs.kernel import KernelTheorem, coq_files, kernel_theorems, recorded_versions
from verify.display.layout import print_wrapped


def print_theorems(console: Console) -> None:
    """Print each file's theorems, with the claims that name them.

    Raises ``RecordError`` if a file is not the one that the record speaks of.
    """
    cited = _cited()
    count = 0
    for file in coq_files():
        console.print(Text(f"proofs/{file.path}", style="bold"))
        for name in file.theorems:
            checked = KernelTheorem(name, file).recorded()
            console.print(Text(f"  {name}", style="bold"))
            print_wrapped(console, checked.statement, "    ")
            where = ", ".join(cited.get((file.path, name), ())) or "no claim, but a system"
            print_wrapped(console, f"{checked.rests_on()}; named by {where}", "    ")
            count += 1
        console.print()
    print_wrapped(console, f"{count} theorems, recorded with {recorded_versions()}")


def _cited() -> dict[tuple[str, str], list[str]]:
    """Return (file, theorem) → the claims that name it."""
    cited: dict[tuple[str, str], list[str]] = {}
    for claim in claims().values():
        for theorem in dict.fromkeys(kernel_theorems(claim)):
            cited.setdefault((theorem.file.path, theorem.name), []).append(claim.id)
    return cited
