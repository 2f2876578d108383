"""Events sealed and walked a second, and how far the seal is behind writers at work.

One event in ten names three further people. Everything is written and read as the application
role, under row locks; no web server.
"""

import tempfile
import threading
import time
from pathlib import Path

import psycopg

from benchmarks.figure import Figure
from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Put, database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from joinedup.record.seal import seal_round
from joinedup.record.seal_loop import Sealer
from joinedup.record.verify import verify_seal

__all__ = ["measure_seal"]

_EVENTS = """
with event as (
    insert into record.audit_event (action, worker, name, role, organisation, purpose, session, key,
                                    version, person, ground, detail)
    select 'search', 'Practitioner/ash', 'Dr Ash', 'gp', 'Y90001', 'direct-care', 'bench', n, 1, n,
           10, 'family=Hallam&_count=20' from generate_series(1, %s) n
    returning seq, action
)
insert into record.audit_person (seq, person, action)
select e.seq, p, e.action from event e, generate_series(1, 3) p where e.seq %% 10 = 0
"""
_LAG = """
select extract(epoch from s.sealed - e.at)::float8 from record.audit_event e
join record.seal s on s.seq = e.seq where e.worker = 'system/bench' order by 1
"""
_WRITERS = 2


def measure_seal(*, events: int, seconds: float) -> list[Figure]:
    """Return rates of sealing and walking so many events, and the lag behind two writers."""
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        cluster = Cluster(Path(name) / "cluster")
        with cluster as urls:
            migrate(urls.owner)
            superuser = psycopg.connect(cluster.administrator_of_record_url, autocommit=True)
            superuser.execute(_EVENTS.encode(), (events,))
            superuser.execute("vacuum analyze record.audit_event, record.audit_person")
            database.configure(urls.application)
            try:
                figures = _rates(urls.application, events)
                figures += _lags(superuser, urls.application, Path(name), seconds)
            finally:
                superuser.close()
                database.close()
    return figures


def _rates(url: str, events: int) -> list[Figure]:
    with psycopg.connect(url, autocommit=True) as lent:
        began = time.perf_counter()
        seal_round(lent)
        sealed = time.perf_counter() - began
    began = time.perf_counter()
    report = verify_seal()
    walked = time.perf_counter() - began
    assert (len(report), report.sealed) == (0, events)
    return [
        Figure("walked by verify", events / walked, "events/s", ">= 30000"),
        Figure("sealed", events / sealed, "events/s", ">= 30000"),
    ]


def _lags(superuser: psycopg.Connection, url: str, folder: Path, seconds: float) -> list[Figure]:
    permit = system_permit("bench")
    record.commit(permit, [Put({"resourceType": "Organization", "id": "Y90001"})])
    until = time.monotonic() + seconds

    def look() -> None:
        while time.monotonic() < until:
            record.read(permit, "Organization", "Y90001")

    writers = [threading.Thread(target=look) for _ in range(_WRITERS)]
    with Sealer(url, folder / "heads.ndjson", lambda _: None):
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        time.sleep(2)
    lags = [float(str(lag)) for (lag,) in superuser.execute(_LAG.encode()).fetchall()]
    return [
        Figure("lag, half of the events", lags[len(lags) // 2], "s", "<= 2"),
        Figure("lag, 99 of 100", lags[len(lags) * 99 // 100], "s", "<= 2"),
        Figure("lag, longest", lags[-1], "s", "<= 2"),
        Figure("written beside it", len(lags) / seconds, "events/s", ">= 50"),
    ]
