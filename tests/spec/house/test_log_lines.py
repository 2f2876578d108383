"""The log: a closed list of lines, as JSON, that nothing of a person's record can reach."""

import io
import json
import logging

import pytest

from joinedup.site.log_lines import JsonFormatter, LogLine, log, log_unexpected


@pytest.fixture
def written() -> "io.StringIO":
    """What is written while the test runs."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger("joinedup"), logging.getLogger("some.library")]
    for logger in loggers:
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)
    return out


def test_a_line_is_one_json_object_with_a_code_that_never_changes(written: io.StringIO) -> None:
    """Machines search by code, people read the words."""
    log(LogLine.REQUEST, method="GET", route="fhir/<str:type>", status=200, duration_ms=1.5)
    line = json.loads(written.getvalue())
    assert line.pop("at").endswith("Z")
    assert line == {
        "code": "WEB001",
        "line": "A request was answered",
        "method": "GET",
        "route": "fhir/<str:type>",
        "status": 200,
        "duration_ms": 1.5,
    }


def test_codes_are_unique() -> None:
    """One code, one line."""
    codes = [line.value[0] for line in LogLine]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    "text", ["Doreen Marsh", "999 000 0018", "a\nb", "Patient?name=Marsh&x=%20", "x" * 300]
)
def test_words_of_a_record_are_withheld(written: io.StringIO, text: str) -> None:
    """A field takes only words of its pattern; anything else is replaced, whoever passed it."""
    log(LogLine.REQUEST, route=text, method=text)
    assert text not in written.getvalue()
    assert json.loads(written.getvalue())["method"] == "withheld"


def test_a_field_that_is_not_in_the_list_is_a_mistake_in_the_code() -> None:
    """There is no field for free text, so none can be passed."""
    with pytest.raises(KeyError):
        log(LogLine.REQUEST, name="Doreen Marsh")


def test_a_librarys_words_are_left_out(written: io.StringIO) -> None:
    """Libraries quote what they were given; only who spoke, and where in the code, is kept."""
    try:
        int("Doreen Marsh")
    except ValueError:
        logging.getLogger("some.library").exception("bad input %s", "Doreen")
    line = json.loads(written.getvalue())
    assert "Doreen" not in written.getvalue()
    assert (line["code"], line["library"], line["exception"]) == (
        "LIBRARY001",
        "some.library",
        "ValueError",
    )
    assert "test_log_lines.py" in line["where"][0]


def test_an_unexpected_error_is_named_without_its_words(written: io.StringIO) -> None:
    """What raised and where is enough to find it; the message may quote a record."""
    try:
        {}["Doreen Marsh"]
    except KeyError as error:
        log_unexpected(error)
    line = json.loads(written.getvalue())
    assert "Doreen" not in written.getvalue()
    assert (line["code"], line["exception"]) == ("WEB003", "KeyError")
