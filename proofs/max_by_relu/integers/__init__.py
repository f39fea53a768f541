"""Claims about ReLU(a − b) + b in fixed-width integers: what overflow does, what repairs it."""
