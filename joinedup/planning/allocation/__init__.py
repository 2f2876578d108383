"""Where a pound is best spent: what more money frees by place and kind of care, and a plan of it.

`ways` says what money buys, `gains` plays it in pairs on equal luck, `concave` makes curves of
that, `plan` finds the best plan within limits (HiGHS), `needs` are the shares it stands against,
`pounds` shares out whole pounds, `ranks` says how sure an order is, `answer` is all of it together.
The ranking advises; people decide.
"""
