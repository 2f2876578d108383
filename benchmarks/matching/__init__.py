"""How well people are matched: precision, recall, wrong links, speed."""
