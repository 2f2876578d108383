"""The FHIR R4 door: one file an interaction, all through one dispatcher and one gate.

What is understood here becomes a call of `record` under the permit of the caller's token; every
refusal becomes an OperationOutcome. Pages are `web`'s and the rooms'.
"""
