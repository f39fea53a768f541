"""Claims about poolings rebuilt from convolution and ReLU, and about what may be done to them."""
