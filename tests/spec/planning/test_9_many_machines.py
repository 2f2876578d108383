"""Runs on other machines: the same bytes, whoever plays them, and however often they are lost.

Dask is an optional extra. Where it is not installed its tests are skipped, and what stands for it
are processes of `concurrent.futures`, which take the same values the same way.
"""

import importlib.util
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from threading import Timer

import pytest

from benchmarks.planning.models import hospital
from joinedup.fhir.issue import Invalid
from joinedup.planning import engine
from joinedup.planning.cluster import workers_at

HAS_DASK = importlib.util.find_spec("distributed") is not None


def test_two_processes_give_the_same_bytes_as_one_thread() -> None:
    here = engine.simulate(hospital(), seed=4, runs=6, threads=1)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        there = engine.simulate(hospital(), seed=4, runs=6, executor=workers)
    assert there.fingerprint() == here.fingerprint()


@pytest.mark.skipif(HAS_DASK, reason="Dask is installed here")
def test_without_the_extra_it_is_said_what_to_install() -> None:
    with pytest.raises(Invalid, match=r"pip install joinedup\[cluster\]"):
        workers_at("tcp://127.0.0.1:8786").__enter__()


@pytest.mark.skipif(not HAS_DASK, reason="Dask is an optional extra: joinedup[cluster]")
def test_a_worker_lost_in_the_middle_changes_nothing() -> None:
    """Two workers of Dask, one of them killed while it plays."""
    from distributed import LocalCluster

    here = engine.simulate(hospital(), seed=4, runs=40, threads=1)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        workers_at(cluster.scheduler_address) as workers,
    ):
        lost = next(iter(cluster.workers.values())).pid
        Timer(0.5, os.kill, (lost, signal.SIGKILL)).start()
        there = engine.simulate(hospital(), seed=4, runs=40, executor=workers)
    assert there.fingerprint() == here.fingerprint()


@pytest.mark.skipif(not HAS_DASK, reason="Dask is an optional extra: joinedup[cluster]")
def test_where_no_scheduler_answers_it_is_said() -> None:
    with pytest.raises(Invalid, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        workers_at("tcp://127.0.0.1:1").__enter__()
