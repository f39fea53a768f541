"""Claims about poolings between the average and the maximum: power, softmax, stochastic, mixed."""
