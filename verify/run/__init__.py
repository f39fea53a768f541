"""A run of the checker: what is asked, of whom, in which processes, and what comes of it.

:mod:`~verify.run.selection` chooses, :mod:`~verify.run.runner` asks, :mod:`~verify.run.report`
holds what was found. Beside them the answers to the exercises, the obligations as files, and what
is installed.
"""
