"""The commands of ``python -m verify``: one module each, with what it adds and what it runs."""
