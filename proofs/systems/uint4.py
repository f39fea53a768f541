"""4-bit unsigned integers, 0 … 15: quantised weights with a zero point, two to a byte."""

from proofs.systems.integers import WrapAround
from proofs.systems.number_system import register

register(WrapAround(4, signed=False, held_in="uint8", like="uint8"))
