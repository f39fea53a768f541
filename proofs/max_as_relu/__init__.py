"""Claims about max(a, b) rebuilt from what a network without a max layer has: ReLU, |·|, sums."""
