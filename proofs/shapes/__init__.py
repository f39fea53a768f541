"""Claims about output sizes and taps: integer arithmetic with everything symbolic."""
