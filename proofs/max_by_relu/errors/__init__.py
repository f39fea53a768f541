"""Claims about ReLU(a − b) + b in floats: where it is exact, and how far off it is elsewhere."""
