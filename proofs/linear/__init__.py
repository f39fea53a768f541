"""Claims about what linear and affine maps can and cannot do in the place of pooling."""
