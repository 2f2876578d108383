"""Files of a model: TOML read with every problem by line, its parameters, and written again.

`read` and `write` are the ways in. `parameters` are numbers with a source, a date and a spread,
`expressions` the arithmetic that uses them, `over_time` rates written in few words, `shape` the
check of every field, `lines` where in the text a field stands. Nothing here plays a network.
"""

from joinedup.planning.files.model import Model
from joinedup.planning.files.parameters import (
    Beta,
    Known,
    LognormalSpread,
    NormalSpread,
    Parameter,
    Spread,
    Uniform,
    draw_values,
    table,
    values_of,
)
from joinedup.planning.files.read import read_model, read_network
from joinedup.planning.files.write import write_model, write_network

__all__ = [
    "Beta",
    "Known",
    "LognormalSpread",
    "Model",
    "NormalSpread",
    "Parameter",
    "Spread",
    "Uniform",
    "draw_values",
    "read_model",
    "read_network",
    "table",
    "values_of",
    "write_model",
    "write_network",
]
