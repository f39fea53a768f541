"""How a term is put to an engine: as an SMT-LIB script, as torch operations, as exact arrays."""
