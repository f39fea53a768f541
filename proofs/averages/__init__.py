"""Claims about average pooling in machine numbers: how wrong it is, when exact, in which order."""
