"""joinedup: one place's health and social care, working as one record."""

__version__ = "0.1.0"
