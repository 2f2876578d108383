"""Kill -9 of PostgreSQL while transactions arrive: nothing acknowledged is lost, nothing is half.

Three kills in the ordinary run, ten with --full (trust.md F1). README.md has the traps.
"""

import time

from tests.faults.place import Place
from tests.load.people import patient

ORDINARY_KILLS, FULL_KILLS = 3, 10
WRITERS = 4
ACKNOWLEDGED_BETWEEN_KILLS = 25
ANSWERS_AGAIN_SECONDS = 5.0
OUTAGE_SECONDS, LONG_OUTAGE_SECONDS = 3.0, 15.0


def test_nothing_acknowledged_is_lost_and_nothing_is_half_written(place: Place, full: bool) -> None:
    """Acceptance 5: kill -9 under transaction load, again and again."""
    place.start_writing(WRITERS)
    again = []
    for _ in range(FULL_KILLS if full else ORDINARY_KILLS):
        place.wait_for_more(ACKNOWLEDGED_BETWEEN_KILLS)
        place.cluster.kill()
        began = time.monotonic()
        place.cluster.start()
        started = time.monotonic() - began
        again.append((started, place.wait_for_more(1)))
    place.wait_for_more(ACKNOWLEDGED_BETWEEN_KILLS)
    place.stop_writing()
    recovery = ", ".join(f"{start:.1f}+{service:.1f}" for start, service in again)
    print(f"{len(again)} kills: {place.judge()}; seconds of start + service: {recovery}")
    assert max(service for _, service in again) < ANSWERS_AGAIN_SECONDS


def test_the_web_server_outlives_an_outage(place: Place, full: bool) -> None:
    """Refused while PostgreSQL is away, with when to come back; served again soon after it is."""
    client = place.api.client()
    person = client.made(patient())
    place.cluster.kill()
    end = time.monotonic() + (LONG_OUTAGE_SECONDS if full else OUTAGE_SECONDS)
    while time.monotonic() < end:
        answer = client.get(f"/Patient/{person['id']}")
        assert answer.status == 503, answer.body
        assert answer.headers["retry-after"]
        assert answer.issues[0]["code"] == "transient"
        time.sleep(0.5)
    place.cluster.start()
    began = time.monotonic()
    while (answer := client.get(f"/Patient/{person['id']}")).status == 503:
        assert time.monotonic() - began < ANSWERS_AGAIN_SECONDS, "not served again"
        time.sleep(0.05)
    assert answer.status == 200
    print(f"served again {time.monotonic() - began:.2f} s after PostgreSQL answered")
