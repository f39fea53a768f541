"""Claims about what linear and affine maps, convolutions above all, can do in place of pooling."""
