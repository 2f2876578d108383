"""What copies of every change cost a commit, and how long bringing a record back takes.

`./dev bench restore [--quick]`; `writes` measures the first, `drill` the second.
"""
