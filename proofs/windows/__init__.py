"""Claims about window arithmetic: output sizes, taps and the elements that windows touch."""
