"""Under which condition: what inputs are asked about, and when a refuted module is right after all.

``given`` reads a condition that the user states; ``weakest`` finds one for a module that is wrong,
proves it, and shows an input that does not meet it.
"""
