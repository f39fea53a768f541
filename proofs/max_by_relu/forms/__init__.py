"""Claims about other forms of max(a, b): mirrored, three ReLUs, absolute value, halves, wider."""
