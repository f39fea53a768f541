"""What ``verify cost`` shows of a layer: every figure, the formula, the page and the picture."""
