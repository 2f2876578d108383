"""What sight costs: searches over everybody, as somebody who reaches many and as the owner."""
