"""4-bit signed integers, −8 … 7: weights of quantised networks, packed two to a byte."""

from proofs.systems.integers import WrapAround
from proofs.systems.number_system import register

register(WrapAround(4, held_in="int8", like="int8"))
