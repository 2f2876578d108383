"""What /metrics says: requests by route and status over all workers, and the workers' costs."""

import os
import re
from pathlib import Path

from joinedup.site.counters import Counters, exposition


def test_requests_are_counted_by_method_route_and_status(tmp_path: Path) -> None:
    """Buckets count what was at most that long, as Prometheus wants them."""
    counters = Counters(tmp_path)
    for seconds in (0.0004, 0.02, 9.0):
        counters.count("GET", "fhir/<str:type>", 200, seconds)
    text = exposition(tmp_path)
    label = 'method="GET",route="fhir/<str:type>",status="200"'
    assert f'joinedup_request_seconds_bucket{{{label},le="0.001"}} 1' in text
    assert f'joinedup_request_seconds_bucket{{{label},le="0.025"}} 2' in text
    assert f'joinedup_request_seconds_bucket{{{label},le="5.0"}} 2' in text
    assert f'joinedup_request_seconds_bucket{{{label},le="+Inf"}} 3' in text
    assert f"joinedup_request_seconds_sum{{{label}}} 9.020400" in text


def test_workers_are_added_up(tmp_path: Path) -> None:
    """Whichever worker answers, the whole server is counted; one that has ended still counts."""
    counters = Counters(tmp_path)
    counters.count("GET", "livez", 200, 0.001)
    ended = tmp_path / "4194305.counts"  # a pid above Linux's highest
    ended.write_bytes((tmp_path / f"{os.getpid()}.counts").read_bytes())
    text = exposition(tmp_path)
    assert 'joinedup_request_seconds_count{method="GET",route="livez",status="200"} 2' in text
    assert re.search(rf'process_resident_memory_bytes{{worker="{os.getpid()}"}} [1-9]\d+', text)
    assert "4194305" not in text


def test_labels_have_a_limit(tmp_path: Path) -> None:
    """However many routes are asked for, the file stays as small as it was; none is lost."""
    counters = Counters(tmp_path)
    for number in range(1000):
        counters.count("GET", f"route-{number}", 200, 0.1)
    text = exposition(tmp_path)
    counts = re.findall(r"joinedup_request_seconds_count\{.*\} (\d+)", text)
    assert sum(map(int, counts)) == 1000
    assert len(counts) == 512
