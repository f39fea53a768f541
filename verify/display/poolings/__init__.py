"""Poolings by the names that people give them, and the page of one."""
