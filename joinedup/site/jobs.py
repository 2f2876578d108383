"""The place's background jobs, put together: what each is, how often, and what its log line is.

Rooms offer functions that take the time; nothing of theirs is known here but the name.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joinedup.brokerage.actions import free_lapsed
from joinedup.brokerage.lost import raise_lost
from joinedup.brokerage.overdue import raise_overdue
from joinedup.fhir.issue import Invalid
from joinedup.jobs.posting import Account, FileBox, MailServer, Post
from joinedup.jobs.rules.words import Place
from joinedup.jobs.runner import Runner, Step, Told
from joinedup.jobs.sending import Sender, send_waiting
from joinedup.jobs.telling import hand_on_lines
from joinedup.site.environment import Environment
from joinedup.site.log_lines import LogLine, log, log_unexpected
from joinedup.site.place import moment_of

__all__ = ["jobs_of", "runner_of", "sender_of"]

_INVENTED_GAP = timedelta(minutes=1)
_LONGEST_WORDS = 600
_LINES = {Told.RUNS: LogLine.JOB_RUNS, Told.DONE: LogLine.JOB_DONE}


def runner_of(environment: Environment) -> Runner:
    """Return the runner of this place's jobs, not yet at work; refuses unreadable settings."""
    return Runner(jobs_of(environment), _tell, _clock)


def jobs_of(environment: Environment) -> tuple[Step, ...]:
    """Return every background job with its pace."""
    standing = moment_of(environment)
    sender = sender_of(environment)

    def at_its_hour(act: Callable[[datetime], int]) -> Callable[[datetime], int]:
        return lambda now: act(standing or now)

    return (
        Step(name="hand-on", every_seconds=2, run=hand_on_lines),
        Step(name="send", every_seconds=5, run=lambda now: _send(sender)),
        Step(name="holds", every_seconds=60, run=at_its_hour(free_lapsed)),
        Step(name="first-visits", every_seconds=60, run=at_its_hour(raise_overdue)),
        Step(name="starts-lost", every_seconds=600, run=at_its_hour(raise_lost)),
        Step(name="sessions", every_seconds=3_600, run=lambda now: _forget_sessions()),
    )


def sender_of(environment: Environment) -> Sender:
    """Return how this place sends; Invalid for a secret or a sentence that cannot be read."""
    standing = moment_of(environment)
    address = environment.public_url or f"http://{environment.address}:{environment.port}"
    folder = environment.notices_folder
    return Sender(
        post=_post(environment),
        place=Place(
            address=address,
            film=environment.notices_film,
            languages=_languages(folder / "words"),
        ),
        clock=_clock,
        says=lambda: standing or _clock(),
        gap=_INVENTED_GAP if standing else None,
    )


def _post(environment: Environment) -> Post:
    box = FileBox(environment.notices_folder, environment.notices_from)
    if not environment.smtp_host:
        return box
    account = Account(
        host=environment.smtp_host,
        port=environment.smtp_port,
        security=environment.smtp_security,  # type: ignore[arg-type]  # read as one of the three
        sender=environment.notices_from,
        name=environment.smtp_name,
        secret=_secret(environment.smtp_secret),
        texts=environment.texts_gateway,
    )
    return MailServer(account, box)


def _secret(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"JOINEDUP_SMTP_SECRET: {file} cannot be read.") from problem


def _languages(folder: Path) -> dict[str, str]:
    """Return the place's own sentences: a file a language, such as `polish.txt`."""
    found = {}
    for file in sorted(folder.glob("*.txt")) if folder.is_dir() else ():
        try:
            words = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise Invalid(f"{file} cannot be read: write it as UTF-8.") from problem
        if not words or len(words) > _LONGEST_WORDS:
            raise Invalid(f"{file}: write one to {_LONGEST_WORDS} characters.")
        found[file.stem.lower()] = words
    return found


def _send(sender: Sender) -> int:
    done = send_waiting(sender)
    if done.in_doubt:
        log(LogLine.NOTICES_IN_DOUBT, count=done.in_doubt)
    if done.is_down:
        log(LogLine.NOTICES_DOWN)
    return done.sent


def _forget_sessions() -> int:
    import django

    django.setup(set_prefix=False)
    from django.db import connections

    from joinedup.signin.store import SessionStore

    try:
        SessionStore.clear_expired()
    finally:
        connections.close_all()
    return 0


def _clock() -> datetime:
    return datetime.now(UTC)


def _tell(told: Told, job: str, done: int, fault: BaseException | None) -> None:
    if fault is not None:
        log(LogLine.JOB_FAILED, job=job)
        log_unexpected(fault, LogLine.JOB_FAILED)
    else:
        log(_LINES[told], job=job, count=done)
