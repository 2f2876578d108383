"""The record under load: CPU of server and PostgreSQL per request, row locks on.

`./dev bench record` measures at 30,000 and 300,000 resources, `--quick` at 3,000 in a minute.
"""
