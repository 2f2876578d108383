"""The wiring: settings, addresses, the web server, the command line, health and log lines.

The top floor: it may import every other, and nothing imports it.
"""
