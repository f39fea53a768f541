"""What min-pooling costs: what max-pooling does, since both choose from the same taps."""

from costmodel.kinds.max_pool import ALGORITHMS, backward, forward

__all__ = ["ALGORITHMS", "backward", "forward"]
