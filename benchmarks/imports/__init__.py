"""Bringing files in: resources a second and the memory it takes.

`./dev bench imports [--quick]`; 400 us of CPU a resource is 5,000 a second on two cores.
"""
