"""The commands of ``python -m verify``: one module each, with what it adds and what it runs.

A command reads its options (:mod:`~verify.commands.options`) and calls the other rooms; nothing is
computed here, and pages are laid out in :mod:`verify.display`.
"""
