"""Places: the 42 systems of England as models, from public figures; alone, or coupled as England.

`place` and `england` are the ways in, `names` says which there are. `figures` reads the tables,
`parameters` makes of them numbers with source and spread, `body` writes the network in their names.
"""

from joinedup.planning.places.figures import Figures, figures
from joinedup.planning.places.names import code_of, name_of, names
from joinedup.planning.places.place import Place, england, place
from joinedup.planning.places.prices import prices

__all__ = [
    "Figures",
    "Place",
    "code_of",
    "england",
    "figures",
    "name_of",
    "names",
    "place",
    "prices",
]
