"""Claims about softmax and log-sum-exp pooling: their bounds, their gradients, their overflow."""
