"""All that people see: pages, tables, pictures, and reports as data.

One module for what claims, answers, judged modules and counts look like, a folder for costs and one
for the numbers of a format. Apart from what is shown, which the rooms below find out.
"""
