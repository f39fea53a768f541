"""Maxima as networks of layers: how deep, how wide, and what one hidden layer cannot do."""
