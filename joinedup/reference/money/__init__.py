"""Money: dated figures in whole pence, each with its source; what a figure is worth in a year.

`unit_costs` what care costs, `charging` what a person keeps, `deflators` what a pound was worth,
`grants` what was given; `derive` makes the tables that come from one published file each.
"""
