"""Claims about a maximum of many taps, taken by ReLU(a − b) + b one tap after the other."""
