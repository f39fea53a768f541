"""All that people see: pages, tables, pictures, and reports as data."""
