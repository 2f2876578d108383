"""How long what an app holds is good, and everything that ends it at the next request (trust 6)."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from joinedup.record.cluster import Urls
from tests.spec.smart.app import App, fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE, Clock

OWN = "launch/patient patient/Patient.rs patient/Observation.rs"
GOES_ON = f"{OWN} offline_access"


def reads(token: str) -> int:
    """The status of reading Joyce with a token."""
    return fhir(token, f"/Patient/{JOYCE}").status


@pytest.mark.usefixtures("place")
class TestTime:
    """Limits to the second, with a moved clock."""

    def test_an_access_token_lasts_five_minutes(self, clock: Clock) -> None:
        """299 seconds, and not 300."""
        token = known().tokens(signed_in("person"), OWN)["access_token"]
        clock.move(299)
        assert reads(token) == 200
        clock.move(1)
        assert reads(token) == 401

    def test_a_code_lasts_a_minute(self, clock: Clock) -> None:
        """Sixty seconds on it is worth nothing."""
        app, joyce = known(), signed_in("person")
        first, second = (app.let_in(joyce, OWN)["code"] for _ in range(2))
        clock.move(59)
        assert app.exchange(first).status == 200
        clock.move(1)
        assert app.exchange(second).json == {"error": "invalid_grant"}

    def test_a_refresh_token_is_over_after_ninety_days_unused(self, clock: Clock) -> None:
        """And used it goes on, to a year at most."""
        app = known()
        told = app.tokens(signed_in("person"), GOES_ON)
        for _ in range(4):
            clock.move(89 * 86_400)
            told = app.refresh(told["refresh_token"]).json
        clock.move(10 * 86_400)
        assert app.refresh(told["refresh_token"]).status == 400

    def test_unused_for_ninety_days(self, clock: Clock) -> None:
        """To the second."""
        app = known()
        told = app.tokens(signed_in("person"), GOES_ON)
        clock.move(90 * 86_400)
        assert app.refresh(told["refresh_token"]).json == {"error": "invalid_grant"}

    def test_online_access_ends_with_the_sign_in(self, clock: Clock) -> None:
        """Twelve hours at most; a covered sign-in lets nothing new out until they are back."""
        app, joyce = known(), signed_in("person")
        told = app.tokens(joyce, f"{OWN} online_access")
        clock.move(31 * 60)
        assert app.refresh(told["refresh_token"]).status == 400, "covered"
        clock.move(12 * 3600)
        assert app.refresh(told["refresh_token"]).status == 400


@pytest.mark.usefixtures("place")
class TestRefreshing:
    """Rotation, and what is brought twice."""

    def test_a_refresh_token_serves_once(self) -> None:
        """The new one goes on; the old one brought again ends everything (RFC 9700 4.14.2)."""
        app = known()
        first = app.tokens(signed_in("person"), GOES_ON)
        second = app.refresh(first["refresh_token"]).json
        assert second["refresh_token"] != first["refresh_token"]
        assert reads(second["access_token"]) == 200
        assert app.refresh(first["refresh_token"]).json == {"error": "invalid_grant"}
        assert reads(first["access_token"]) == reads(second["access_token"]) == 401
        assert app.refresh(second["refresh_token"]).json == {"error": "invalid_grant"}

    def test_a_code_brought_twice_ends_what_it_gave(self) -> None:
        """RFC 6749 4.1.2."""
        app, joyce = known(), signed_in("person")
        code = app.let_in(joyce, OWN)["code"]
        token = app.exchange(code).json["access_token"]
        assert reads(token) == 200
        assert app.exchange(code).json == {"error": "invalid_grant"}
        assert reads(token) == 401

    def test_refreshing_may_narrow_and_never_widen(self) -> None:
        """And a refusal to widen leaves the refresh token as it was."""
        app = known()
        told = app.tokens(signed_in("person"), GOES_ON)
        for wide in (
            "patient/*.rs",
            "patient/Observation.cruds",
            "user/Observation.rs",
            "nonsense",
        ):
            refused = app.refresh(told["refresh_token"], scope=wide)
            assert refused.json == {"error": "invalid_scope"}, wide
        narrow = app.refresh(told["refresh_token"], scope="patient/Observation.r").json
        assert "patient/Observation.r" in narrow["scope"].split()
        assert reads(narrow["access_token"]) == 403
        again = app.refresh(narrow["refresh_token"], scope="patient/Observation.rs")
        assert again.json == {"error": "invalid_scope"}, "what was let go does not come back"

    def test_of_two_who_refresh_at_once_one_is_the_second(self, place: Urls) -> None:
        """Eight at once: at most one is given tokens, and then all of them end."""
        from concurrent.futures import ThreadPoolExecutor

        from django.db import connections

        app = known()
        told = app.tokens(signed_in("person"), GOES_ON)

        def ask(_: int) -> tuple[int, str]:
            try:
                answer = app.refresh(told["refresh_token"])
                return answer.status, answer.json.get("access_token", "")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(ask, range(8)))
        given = [token for status, token in found if status == 200]
        assert len(given) <= 1
        assert all(reads(token) == 401 for token in given)


@pytest.mark.usefixtures("place")
class TestEnding:
    """Each of these ends a token at its very next request."""

    def test_the_person_takes_it_back(self) -> None:
        """Under `Apps I let in`, whatever it could do."""
        app, joyce = known(), signed_in("person")
        told = app.tokens(joyce, GOES_ON)
        page = joyce.get("/my/apps").content.decode()
        assert "Pressure Diary" in page and "See test results and measurements" in page
        where = page.partition('href="/my/apps/')[2].partition('"')[0]
        assert b"End it now" in joyce.get(f"/my/apps/{where}").content
        assert signed_in("gp").post(f"/my/apps/{where}").status_code == 302
        assert reads(told["access_token"]) == 200, "somebody else ends nothing"
        joyce.post(f"/my/apps/{where}")
        assert reads(told["access_token"]) == 401
        assert app.refresh(told["refresh_token"]).json == {"error": "invalid_grant"}
        assert "Pressure Diary" not in joyce.get("/my/apps").content.decode()

    def test_signing_out_ends_what_does_not_go_on(self) -> None:
        """And leaves what was allowed to."""
        joyce = signed_in("person")
        stays = known("stays").tokens(joyce, GOES_ON)["access_token"]
        ends = known("ends").tokens(joyce, OWN)["access_token"]
        unticked = known("unticked").tokens(
            joyce, GOES_ON, ticks=["patient/Patient.rs", "patient/Observation.rs"]
        )
        assert "refresh_token" not in unticked
        joyce.post("/sign-out")
        assert [reads(t) for t in (stays, ends, unticked["access_token"])] == [200, 401, 401]

    def test_giving_back_a_refresh_token_ends_all_that_hangs_with_it(self) -> None:
        """RFC 7009; giving back an access token ends that alone."""
        app = known()
        told = app.tokens(signed_in("person"), GOES_ON)
        assert app.send("/smart/revoke", {"token": told["access_token"]}).status == 200
        assert reads(told["access_token"]) == 401
        second = app.refresh(told["refresh_token"]).json
        assert app.send("/smart/revoke", {"token": second["refresh_token"]}).status == 200
        assert reads(second["access_token"]) == 401
        assert app.refresh(second["refresh_token"]).status == 400

    def test_removing_the_app_ends_all_of_it(self) -> None:
        """By command; its name is not used again."""
        from joinedup.fhir.issue import Conflict
        from joinedup.smart.clients import remove_client

        app = known()
        told = app.tokens(signed_in("person"), GOES_ON)
        remove_client(app.id)
        assert reads(told["access_token"]) == 401
        assert app.refresh(told["refresh_token"]).json == {"error": "invalid_client"}
        with pytest.raises(Conflict):
            known()

    def test_after_a_restore_no_token_is_good(self, place: Urls) -> None:
        """What was ended since would be good again: so all of them go (record.restore_check)."""
        from joinedup.record.restore_check import ENDED

        token = known().tokens(signed_in("person"), GOES_ON)["access_token"]
        url = place.application.replace("joinedup_app@", "postgres@")
        with psycopg.connect(url, autocommit=True) as superuser:
            for table in ENDED:
                superuser.execute(f"delete from {table}".encode())
        assert reads(token) == 401


class TestLeaving:
    """A worker with a post in the record, at a place of real people."""

    @pytest.fixture
    def grace(self, record_database: Urls, monkeypatch: pytest.MonkeyPatch) -> tuple[App, object]:
        """A ward nurse who let an app in for as long as it likes."""
        from django.conf import settings
        from django.contrib.auth.hashers import ScryptPasswordHasher
        from django.test import Client

        from joinedup.smart.bearer import forget_known
        from tests.spec.signing_in import people

        monkeypatch.setattr(settings, "JOINEDUP_INVENTED", False)
        monkeypatch.setattr(settings, "JOINEDUP_NOW", None)
        monkeypatch.setattr(ScryptPasswordHasher, "work_factor", 16)
        forget_known()
        people.store_place()
        worker, browser, app = people.admitted_worker(), Client(), known()
        people.sign_in(browser, worker)
        told = app.tokens(browser, "user/Organization.rs offline_access")
        return app, (worker, told)

    def _reads(self, told: dict[str, str]) -> int:
        return fhir(told["access_token"], "/Organization/RZ901").status

    def test_a_post_that_ends_ends_them(self, grace: tuple[App, object]) -> None:
        """Ended in the record, by whichever door: the next request is refused."""
        from joinedup import record
        from joinedup.access.permit import system_permit
        from joinedup.record import Update

        app, (worker, told) = grace  # type: ignore[misc]  # as the fixture gives them
        assert self._reads(told) == 200
        stored = record.read(system_permit("test"), "PractitionerRole", worker.post)
        over = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        ended = {**stored.resource, "period": {"end": over}}
        record.commit(system_permit("test"), [Update(ended, stored.version)])
        assert self._reads(told) == 401
        assert app.refresh(told["refresh_token"]).json == {"error": "invalid_grant"}

    def test_a_post_of_another_role_is_judged_anew(self, grace: tuple[App, object]) -> None:
        """The token ends; refreshed, it is what the new role may."""
        from joinedup import record
        from joinedup.access.permit import system_permit
        from joinedup.record import Update

        app, (worker, told) = grace  # type: ignore[misc]  # as the fixture gives them
        stored = record.read(system_permit("test"), "PractitionerRole", worker.post)
        changed = stored.resource
        changed["code"][0]["coding"][0]["code"] = "analyst"
        record.commit(system_permit("test"), [Update(changed, stored.version)])
        assert self._reads(told) == 401
        again = app.refresh(told["refresh_token"])
        assert again.status == 200 and self._reads(again.json) == 200

    def test_a_closed_account_ends_them(self, grace: tuple[App, object]) -> None:
        """In the same transaction."""
        from joinedup.signin import clock
        from joinedup.signin.models import AccountRow

        app, (worker, told) = grace  # type: ignore[misc]  # as the fixture gives them
        AccountRow.objects.filter(id=worker.id).update(closed_at=clock.now())
        assert self._reads(told) == 401
        assert app.refresh(told["refresh_token"]).status == 400
