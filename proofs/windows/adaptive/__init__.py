"""Claims about poolings whose windows follow from the number of outputs: adaptive, fractional."""
