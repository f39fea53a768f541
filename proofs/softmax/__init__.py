"""Claims about softmax pooling in machine numbers: where exp overflows, and that a shift helps."""
