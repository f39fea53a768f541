"""Claims about what ReLU(a − b) + b does in floats: its errors, its infinities, its folds."""
