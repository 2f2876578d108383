"""What an earlier server may have left in a cluster: processes still running, a stale pid file.

Called only by the process that holds the cluster's lock, so no other joinedup runs it: any
server still there was left behind by one that was killed. Knows nothing of starting.
"""

import os
import signal
import time
from pathlib import Path

from joinedup.fhir.issue import Unavailable

__all__ = ["clear_remains", "forget_waiting", "kill_all", "servers_of"]

_PATIENCE_SECONDS = 30.0
_WAITING = "synchronous_standby_names"
_PROCESSES = Path("/proc")


def clear_remains(data: Path) -> None:
    """Stop servers left behind in `data` and remove their pid file, waiting for each to be gone.

    Refuses when a process stays; where the machine has no /proc, PostgreSQL's own check decides.
    """
    if not _PROCESSES.is_dir():
        return
    # SIGINT may already be on its way (their parent died); only the first server is asked.
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        left = servers_of(data)
        if not left:
            break
        _signal(_postmasters(data) or left, ending)
        _wait_until_gone(data)
    if left := servers_of(data):
        raise Unavailable(f"Process {left[0]} still uses {data} and cannot be stopped.")
    # Now nobody uses the data, so the file is stale even if its pid means somebody else today.
    (data / "postmaster.pid").unlink(missing_ok=True)


def forget_waiting(data: Path) -> None:
    """Take out the wish to wait for a copy of each commit: nothing receives copies at a start.

    Left by a server that was killed, it would hold up every commit for ever (`wal_stream` makes
    it again as soon as copies are received).
    """
    settings = data / "postgresql.auto.conf"
    if settings.exists() and _WAITING in (text := settings.read_text()):
        lines = text.splitlines(keepends=True)
        settings.write_text("".join(line for line in lines if not line.startswith(_WAITING)))


def kill_all(data: Path) -> None:
    """Kill every server process working in `data`, and wait until the last is gone."""
    _signal(servers_of(data), signal.SIGKILL)
    _wait_until_gone(data)


def servers_of(data: Path) -> list[int]:
    """Return the pids of PostgreSQL processes working in `data`; zombies do no work."""
    return [
        int(entry.name)
        for entry in _PROCESSES.iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _works_in(entry, data)
    ]


def _works_in(process: Path, data: Path) -> bool:
    try:
        return (process / "cwd").readlink() == data and (
            (process / "comm").read_text().startswith("postgres")
        )
    except OSError:
        return False


def _postmasters(data: Path) -> list[int]:
    servers = set(servers_of(data))
    return [pid for pid in servers if _parent(pid) not in servers]


def _parent(pid: int) -> int:
    try:
        return int((_PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _signal(pids: list[int], ending: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, ending)
        except ProcessLookupError:
            continue


def _wait_until_gone(data: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while servers_of(data) and time.monotonic() < end:
        time.sleep(0.05)
