"""Claims about how errors pass through a network: the rules behind a proved tolerance."""
