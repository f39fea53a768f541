"""Claims about the poolings between the average and the maximum, and beyond them."""
