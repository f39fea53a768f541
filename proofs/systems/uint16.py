"""16-bit unsigned integers, 0 … 65,535: what sensors and raw images hold."""

from proofs.systems.integers import WrapAround
from proofs.systems.number_system import register

register(WrapAround(16, signed=False, held_in="int32", like="uint8"))
