"""A run of the checker: what is asked, of whom, in which processes, and what comes of it."""
