"""The hospital's door: HL7 v2 ADT messages, from a connection (MLLP) or from files.

A message is read (`message`, `times`, `person`, `event`), judged against what stands (`stay`), and
becomes one commit (`taking`), acknowledged after it. What cannot be applied waits in a work list
(`held`) and is tried again in order (`trying_again`). `listener` is the connection.
"""
