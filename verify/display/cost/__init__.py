"""What a pooling layer costs: its figures, its page, its formula in symbols, its picture."""
