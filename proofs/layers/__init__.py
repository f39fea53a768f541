"""Claims about layers that people run, rather than about formulas."""
