"""The cost model against what torch's profiler, its counter and the hardware report.

Apart from the engines because nothing is proved here: a count that was measured either is the
predicted one or is not. :mod:`~verify.measure.checks` predicts, :mod:`~verify.measure.measuring`
and :mod:`~verify.measure.hardware` count, :mod:`~verify.measure.record` writes down. All of it runs
on torch, :mod:`pooling` and :mod:`costmodel` alone, so that it also runs on a machine with a GPU
and nothing else installed.
"""
