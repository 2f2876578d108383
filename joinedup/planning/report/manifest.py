"""The manifest of a run: what was asked, with which inputs and versions, and what came out.

Everything that decides the bytes is in it: the scenario's own text, the seed, the runs, hashes of
the place as a model and of the engine's sources, versions. `replay` compares against it.
"""

import platform
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from joinedup import __version__
from joinedup.fhir.issue import Invalid, TooLarge
from joinedup.planning.files.write import write_model
from joinedup.planning.places import Place

__all__ = ["FORMAT", "Manifest", "digest", "make_manifest", "question_key", "read_manifest"]

FORMAT = 1
MOST_BYTES = 4_000_000
_SOURCES = Path(__file__).resolve().parent.parent
# What decides a figure, and what only tells it.
_PLAYS = ("chance", "engine", "files", "network", "places", "scenarios", ".")
_TELLS = ("report", "report/templates")
_LIBRARIES = ("numpy", "numba", "scipy", "msgspec")


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What was played; `inputs` and `outputs` are SHA-256 by name, `versions` those it ran with."""

    format: int
    scenario: str
    scenario_name: str
    place: str
    runs: int
    seed: int
    inputs: dict[str, str]
    outputs: dict[str, str]
    versions: dict[str, str]


def make_manifest(
    text: str, name: str, place: Place, *, asked: str, runs: int, seed: int
) -> Manifest:
    """Return the manifest of a question before it is played: no outputs yet."""
    return Manifest(
        format=FORMAT,
        scenario=text,
        scenario_name=name,
        place=asked,
        runs=runs,
        seed=seed,
        inputs={
            "scenario": digest(text.encode()),
            "place": digest(write_model(place.model).encode()),
            "planning": _sources_digest(_PLAYS),
            "report": _sources_digest(_TELLS),
        },
        outputs={},
        versions={"joinedup": __version__, "python": platform.python_version()}
        | {library: version(library) for library in _LIBRARIES},
    )


def question_key(manifest: Manifest) -> str:
    """Return what names a question's draws: how they are told of does not matter to them."""
    inputs = {name: digest for name, digest in manifest.inputs.items() if name != "report"}
    parts = [*sorted(inputs.items()), ("runs", manifest.runs), ("seed", manifest.seed)]
    return digest(repr(parts).encode())[:16]


def read_manifest(file: Path) -> Manifest:
    """Return the manifest of a file; refuses what is none with Invalid, saying what to do."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise TooLarge(f"{file.name} is larger than a manifest can be: give manifest.json")
        found = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except OSError as wrong:
        message = f"{file.name} cannot be read: {wrong.strerror}. Give the path of a manifest.json"
        raise Invalid(message) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        message = f"{file.name} is no manifest: {wrong}. Give the manifest.json of a run"
        raise Invalid(message) from None
    if found.format != FORMAT:
        message = f"{file.name} is of format {found.format}: this joinedup reads format {FORMAT}"
        raise Invalid(message)
    return found


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return sha256(data).hexdigest()


def _sources_digest(parts: tuple[str, ...]) -> str:
    """Return the hash of every source in these folders."""
    seen = sha256()
    for part in parts:
        for source in sorted((_SOURCES / part).glob("*.[pj]*")):
            if source.is_file():
                seen.update(f"{part}/{source.name}\n".encode())
                seen.update(source.read_bytes())
    return seen.hexdigest()
