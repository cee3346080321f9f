"""One run of all checks: steps, their order, what each leaves, and the table that is made of it.

`python -m everything` (with ``tests`` on the path), which is ``make verify-all``, runs what is not finished yet.
"""
