"""Pages about planning: what a winter would be, for those who plan and pay, without anybody's name.

`urls` is the list of addresses, `views` answers them, `plays` plays a ready scenario beside the web
server and keeps what came out under JOINEDUP_HOME/plans. Figures are those of `report`.
"""
