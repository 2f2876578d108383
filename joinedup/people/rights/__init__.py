"""What a person may ask of those who keep her record: a copy, a correction, how long it is kept.

Rules are pure (`requests`, `withholdings`, `retention`, `content`, `cells`); the rest stands on the
record. Who may write what is `access.rights`; docs/decisions/0015-rights.md says why it is so.
"""
