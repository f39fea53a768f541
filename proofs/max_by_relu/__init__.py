"""Claims about a maximum computed with ReLU: max(a, b) = ReLU(a − b) + b and its relatives."""
