"""What a FHIR R4 resource means. Pure: no database, no clock, no web.

Lives here: reading and writing the JSON (`wire`), checking it (`check`), what it can be
found by (`search`), and what the record keeps beside it (`derive`). Storing is `record`'s.
"""
