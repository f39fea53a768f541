"""A site that stands alone, made of the project's own data: ``python -m verify report site/``.

No page asks a server or a foreign address for anything, so a folder opens from a disk as well as
from any static host. What is shown is computed here (verdicts, costs, networks, planes) or in the
reader's browser by the scripts under ``assets/``, which tests hold against Python and torch.
"""
