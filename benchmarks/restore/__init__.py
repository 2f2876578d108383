"""What copies of every change cost a commit: `./dev bench restore [--quick]`.

How long bringing a record back takes is printed by the drill (docs/backup.md).
"""
