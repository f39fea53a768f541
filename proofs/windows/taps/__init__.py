"""Claims about the number of taps: its closed form, and how it changes with each argument."""
