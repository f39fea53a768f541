"""How a term is put to an engine: as an SMT-LIB script, as torch operations, as exact arrays.

Apart from the engines because several of them read one encoding, and sweeps and counterexamples
too.
"""
