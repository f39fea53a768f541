"""What a module computes, as terms: how they are built, valued, normalised and compared."""
