"""The freed-days method against winters that it knows nothing of: coverage, bias, width, power."""
