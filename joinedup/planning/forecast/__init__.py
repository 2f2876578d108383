"""The next fortnight: beds in use and people waiting to go home, from today's census.

`census_file` reads who is here, `days` what was counted on past days, `level` says where that
stands by its own past, `fortnight` plays everybody forward and makes the fan, `stored` keeps
forecasts and `scoring` holds them against what happened. `backtest` does so for public series.
"""
