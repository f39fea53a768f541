"""Claims about quantised tensors, integers with a scale and a zero point: what pooling may do."""
