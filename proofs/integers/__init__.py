"""Claims about integers of fixed width: what wrapping does to a maximum, and what repairs it."""
