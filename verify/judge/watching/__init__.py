"""Running a module and seeing all of it: operators, reads, ways taken, what it remembers."""
