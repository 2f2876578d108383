"""Who people are: NHS numbers, finding and matching them, and bringing in what others hold.

Rules are pure (`nhs_number`, `matching`, `find_rules`); pages and importers stand on the record.
"""
