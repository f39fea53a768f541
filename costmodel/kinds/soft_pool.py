"""What SoftPool costs: what softmax pooling at temperature 1 does."""

from costmodel.kinds.softmax_pool import forward

__all__ = ["forward"]
