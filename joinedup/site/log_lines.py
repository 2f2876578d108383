"""Everything joinedup can say in its log: a closed list, written as one JSON object a line.

Fields are numbers or words of a fixed pattern, so nothing of the record can be passed to a
log. What libraries log is reduced to who spoke, how loudly, the kind of exception and where
in the code it was; their words are left out, because they quote what they were given.
"""

import json
import logging
import re
import time
import traceback
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = [
    "JsonFormatter",
    "LogLine",
    "log",
    "log_door",
    "log_request",
    "log_unexpected",
    "logging_settings",
]

_NUMBER = "number"
_ROUTE = re.compile(r"[\w/<>:.^$?()\[\]+*\\|-]{0,200}\Z", re.ASCII)
_WORD = re.compile(r"[\w.-]{1,80}\Z", re.ASCII)
_FIELDS: dict[str, object] = {
    "method": _WORD,
    "route": _ROUTE,
    "status": _NUMBER,
    "duration_ms": _NUMBER,
    "port": _NUMBER,
    "workers": _NUMBER,
    "people": _NUMBER,
    "count": _NUMBER,
    "server_version": _NUMBER,
    "exception": _WORD,
    "migration": _WORD,
    "why": _WORD,
    "how": _WORD,
    "job": _WORD,
}


class LogLine(Enum):
    """Every line: its code, which never changes, and its words."""

    DATABASE_STARTED = ("HOUSE001", "The embedded database answers")
    MIGRATED = ("HOUSE002", "A migration was run")
    SERVING = ("HOUSE003", "joinedup serves")
    STOPPING = ("HOUSE004", "joinedup is asked to stop")
    STOPPED = ("HOUSE005", "joinedup has stopped")
    DEMO_BUILT = ("HOUSE006", "The invented place is built")
    DEMO_RESET = ("HOUSE007", "The invented place is back at its beginning")
    SERVER_LOST = ("HOUSE008", "The web server ended by itself")
    BACKUP_MADE = ("BACKUP001", "A backup was made and checked")
    CHANGES_COPIED = ("BACKUP002", "Each commit waits until its changes are in the backups too")
    CHANGES_BEHIND = ("BACKUP003", "The backups are behind; commits do not wait for them")
    CHANGES_MISSED = ("BACKUP004", "Changes are missing from the backups; make a new backup")
    SEALING = ("SEAL001", "The audit is being sealed")
    SEAL_BEHIND = ("SEAL002", "The audit is not being sealed; the seal is behind")
    KEEPING = ("ACCESS001", "Alerts are raised and proxies looked after")
    KEEPING_BEHIND = ("ACCESS002", "Alerts are not being raised; they wait in the audit")
    PROXY_PASSED_BY = ("ACCESS003", "A proxy could not be looked after; the others were")
    JOB_RUNS = ("JOB001", "A background job runs")
    JOB_FAILED = ("JOB002", "A background job failed and is tried again later")
    JOB_DONE = ("JOB003", "A background job did something")
    NOTICES_DOWN = ("JOB004", "Messages cannot be sent; they wait")
    NOTICES_IN_DOUBT = (
        "JOB005",
        "Nobody knows whether some messages went; they are not sent again",
    )
    REQUEST = ("WEB001", "A request was answered")
    NOT_READY = ("WEB002", "The record cannot be reached")
    UNEXPECTED = ("WEB003", "A request ended in an error nobody expected")
    DOOR_SIGNED_IN = ("DOOR001", "Somebody signed in")
    DOOR_REFUSED = ("DOOR002", "A sign-in was refused")
    DOOR_SIGNED_OUT = ("DOOR003", "Somebody signed out")
    DOOR_CAME_BACK = ("DOOR004", "Somebody came back to a covered page")
    DOOR_ENDED = ("DOOR005", "A sign-in was ended")
    DOOR_CHANGED = ("DOOR006", "What proves an account was changed")
    DOOR_ADMITTED = ("DOOR007", "Somebody was admitted to a post")
    DOOR_LEFT = ("DOOR008", "A post was ended")
    DOOR_APP_LET_IN = ("DOOR009", "Somebody let an app in")
    DOOR_APP_ENDED = ("DOOR010", "An app that was let in was ended")
    HL7_LISTENING = ("HL7001", "A hospital's messages are listened for")
    HL7_TOO_MANY = ("HL7002", "A hospital's connection was refused: there are too many")
    HL7_BROKEN_FRAME = ("HL7003", "A hospital's connection was ended: what came is no frame")
    HL7_TOO_SLOW = ("HL7004", "A hospital's connection was ended: it was silent for too long")
    HL7_BEHIND = ("HL7005", "Messages that wait could not be tried again")
    HL7_UNEXPECTED = ("HL7006", "A hospital's message ended in an error nobody expected")
    LIBRARY = ("LIBRARY001", "A library reported something")


def log(line: LogLine, **fields: float | str) -> None:
    """Write one line; a field that is not in the list is a mistake in the code and raises.

    A word that does not fit its field's pattern is written as "withheld".
    """
    kept = {name: _checked(name, value) for name, value in fields.items()}
    extra = {"joinedup_line": line, "joinedup_fields": kept}
    logging.getLogger("joinedup").info(line.value[0], extra=extra)


def log_request(method: str, route: str, status: int, duration_ms: float) -> None:
    """Write that a request was answered: what `log(LogLine.REQUEST, ...)` writes, at less cost.

    There is a line a request; `logging` would look up the call's file and line for each.
    """
    fields = {
        "method": _word("method", method),
        "route": _word("route", route),
        "status": status,
        "duration_ms": duration_ms,
    }
    code = LogLine.REQUEST.value[0]
    record = logging.LogRecord("joinedup", logging.INFO, "", 0, code, None, None)
    record.joinedup_line, record.joinedup_fields = LogLine.REQUEST, fields
    logger = logging.getLogger("joinedup")
    if logger.isEnabledFor(logging.INFO):
        logger.handle(record)


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON; of a library's record, nothing it quotes."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: LogLine = getattr(record, "joinedup_line", LogLine.LIBRARY)
        fields = _of_library(record) if line is LogLine.LIBRARY else vars(record)["joinedup_fields"]
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        start = {"at": f"{at}.{int(record.msecs):03d}Z", "code": line.value[0]}
        return json.dumps(start | {"line": line.value[1]} | fields, ensure_ascii=True)


def log_door(what: Enum, why: str, how: str) -> None:
    """Write what happened at the door (`signin.events.Door`), why and by which method, as codes."""
    given = {"why": why, "how": how}
    log(LogLine[f"DOOR_{what.name}"], **{name: word for name, word in given.items() if word})


def log_unexpected(error: BaseException, line: LogLine = LogLine.UNEXPECTED) -> None:
    """Write what an error nobody expected ended, a request at first: its kind, and where it was."""
    extra = {"joinedup_line": line, "joinedup_fields": _of_error(error)}
    logging.getLogger("joinedup").error(line.value[0], extra=extra)


def logging_settings(file: Path | None = None) -> dict[str, Any]:
    """Return the logging configuration, for Django and for the web server alike.

    Lines go to the standard output, or are added to a file.
    """
    out = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    if file is not None:
        out = {"class": "logging.FileHandler", "filename": str(file)}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "joinedup.site.log_lines.JsonFormatter"}},
        "handlers": {"out": out | {"formatter": "json"}},
        "root": {"handlers": ["out"], "level": "WARNING"},
        "loggers": {
            "joinedup": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "django": {"handlers": ["out"], "level": "ERROR", "propagate": False},
            "django.security": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "_granian": {"handlers": ["out"], "level": "WARNING", "propagate": False},
            "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


@lru_cache(512)
def _word(name: str, text: str) -> float | str:
    return _checked(name, text)


def _checked(name: str, value: float | str) -> float | str:
    pattern = _FIELDS[name]
    if isinstance(pattern, re.Pattern):
        return value if isinstance(value, str) and pattern.match(value) else "withheld"
    return value if isinstance(value, int | float) else "withheld"


def _of_library(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {"library": record.name, "level": record.levelname}
    if record.exc_info and record.exc_info[1] is not None:
        fields |= _of_error(record.exc_info[1])
    return fields


def _of_error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"exception": type(error).__name__, "where": where}
