"""Planning: playing a place forward, person by person, to see who would wait, where and how long.

`network` is the model as data, `engine` plays it at speed, `twin` plays it plainly, `chance` is the
luck that both draw from, `statistics` reads what came out, `check` knows exact answers. All of it
is pure: no database, no pages, no clock; chance is a function of a seed that comes in.
"""
