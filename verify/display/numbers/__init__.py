"""What the forms of the maximum do in every pair of a format: as tables, and as pictures."""
