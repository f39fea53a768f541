"""Claims about the other forms of max(a, b): mirrored, three ReLUs, halves, distance, wide."""
