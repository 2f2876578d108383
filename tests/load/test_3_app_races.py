"""An app that is ended while it asks for more: nobody deadlocks, and what is ended stays ended."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.spec.smart.app import App, Told, fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE, place

__all__ = ["place"]

GOES_ON = "launch/patient patient/Patient.rs offline_access"
ROUNDS, FULL_ROUNDS = 25, 400
LIMIT_SECONDS = 60
HEAD_START_SECONDS = 0.3
pytestmark = pytest.mark.usefixtures("place")


def closing(doing: Callable[[], Any]) -> Any:
    """Do something in a thread of its own, and leave no connection behind."""
    from django.db import connections

    try:
        return doing()
    finally:
        connections.close_all()


def end(refresh: str) -> bool:
    """End what a refresh token hangs on, as its owner does on their page."""
    from joinedup.smart.agreements import end_agreement, held_token

    held = held_token(refresh)
    assert held is not None
    return end_agreement(held.agreement.id, why="test")


def is_over(told: dict[str, Any], app: App) -> bool:
    """Whether tokens open nothing, and give no more."""
    return (
        fhir(told["access_token"], f"/Patient/{JOYCE}").status == 401
        and app.refresh(told["refresh_token"]).status == 400
    )


def test_ended_in_the_middle_of_a_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refresh token is spent, then the app is ended, then the new tokens are written."""
    from joinedup.smart import grants

    app = known()
    told = app.tokens(signed_in("person"), GOES_ON)
    spend, ending = grants.spend, []
    with ThreadPoolExecutor(1) as pool:

        def spent_and_ended(secret: str) -> bool:
            done = spend(secret)
            ending.append(pool.submit(closing, lambda: end(told["refresh_token"])))
            threading.Event().wait(HEAD_START_SECONDS)  # it waits for this refresh, or is done
            return done

        monkeypatch.setattr(grants, "spend", spent_and_ended)
        answer = app.refresh(told["refresh_token"])
        (ended,) = ending
        assert ended.result(LIMIT_SECONDS) is True
    monkeypatch.undo()
    assert answer.status == 200 and is_over(answer.json, app)


def test_ended_just_before_the_refresh_is_no_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is refused since they were ended is not put down as a thief (RFC 9700 4.14)."""
    from joinedup.smart import grants
    from tests.security.app_stage import events

    app = known()
    told = app.tokens(signed_in("person"), GOES_ON)
    asks = grants.holder_of

    def ended_first(*asked: Any) -> Any:
        end(told["refresh_token"])
        return asks(*asked)

    monkeypatch.setattr(grants, "holder_of", ended_first)
    assert app.refresh(told["refresh_token"]).json == {"error": "invalid_grant"}
    assert events()[-1] == "app-refresh-ended"


def test_refreshing_and_ending_at_once(full: bool) -> None:
    """Whoever comes first: no error reaches anybody, and an ended app's token never works."""
    app, joyce = known(), signed_in("person")
    rounds = FULL_ROUNDS if full else ROUNDS
    first = 0
    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            told = app.tokens(joyce, GOES_ON)
            refresh, start = told["refresh_token"], threading.Barrier(2)

            def at_once(doing: Callable[[], Any], start: threading.Barrier = start) -> Any:
                start.wait(LIMIT_SECONDS)
                return closing(doing)

            asked: Future[Told] = pool.submit(at_once, partial(app.refresh, refresh))
            ended = pool.submit(at_once, partial(end, refresh))
            assert ended.result(LIMIT_SECONDS) is True
            answer = asked.result(LIMIT_SECONDS)
            assert answer.status in (200, 400)
            last = answer.json if answer.status == 200 else told
            first += answer.status == 200
            assert is_over(last, app) and is_over(told, app)
    assert 0 <= first <= rounds


def test_a_service_removed_while_it_asks_gets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """It proved itself, then it was removed, then its token would have been written."""
    from joinedup.smart import grants
    from joinedup.smart.clients import remove_client

    service = known(
        "night-run", key=RSAKey.generate_key(2048), role="practice-nurse", organisation="Y90001"
    )
    asks = grants.holder_of

    def removed_first(*asked: Any) -> Any:
        remove_client(service.id)
        return asks(*asked)

    monkeypatch.setattr(grants, "holder_of", removed_first)
    answer = service.own_token("system/Patient.rs")
    assert (answer.status, answer.json) == (401, {"error": "invalid_client"})


def test_a_service_removed_as_its_token_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removing waits for the token, and then ends it with all the others."""
    from joinedup.smart import grants
    from joinedup.smart.agreements import held_token
    from joinedup.smart.clients import remove_client

    service = known(
        "day-run", key=RSAKey.generate_key(2048), role="practice-nurse", organisation="Y90001"
    )
    makes, removing = grants.new_tokens, []
    with ThreadPoolExecutor(1) as pool:

        def removed_meanwhile(*made: Any, **more: Any) -> Any:
            removing.append(pool.submit(closing, lambda: remove_client(service.id)))
            threading.Event().wait(HEAD_START_SECONDS)
            return makes(*made, **more)

        monkeypatch.setattr(grants, "new_tokens", removed_meanwhile)
        answer = service.own_token("system/Patient.rs")
        (removed,) = removing
        removed.result(LIMIT_SECONDS)
    held = held_token(answer.json["access_token"])
    assert answer.status == 200 and held is not None and held.ended
    assert fhir(answer.json["access_token"], "/Patient?_count=1").status == 401
