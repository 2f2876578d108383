"""One import from end to end: people first, then all that names them, then the report."""

import re
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Refusal, StorageFull, Unavailable
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.query import parse_query
from joinedup.people.importing.council import Council
from joinedup.people.importing.entries import Unit, units
from joinedup.people.importing.links import Links
from joinedup.people.importing.naming import ODS_SYSTEM, references_of
from joinedup.people.importing.persons import Persons
from joinedup.people.importing.report import MOST_LISTED, ImportReport, Refusals
from joinedup.people.importing.resources import Preparer, comes_first
from joinedup.people.importing.sources import CSV, Document, Refuse, documents, total_bytes
from joinedup.people.importing.writing import Item, Writer
from joinedup.record import Put, Source, search
from joinedup.reference.organisations import organisation as look_up

__all__ = ["Progress", "import_paths"]

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all (the files are read twice), and what is being read."""

APART_BYTES = 1_000_000
"""Above this much on disk, storing gets a process of its own (0.5 s to start)."""

_CODE = re.compile(r"[A-Z0-9]{3,8}")
_BROKEN = (EOFError, tarfile.TarError, zlib.error)


def import_paths(
    paths: Sequence[Path],
    *,
    organisation: str,
    permit: Permit,
    refusals_file: Path,
    progress: Progress = lambda _done, _total, _note: None,
) -> ImportReport:
    """Store what the files say, as statements of `organisation` (its ODS code), and report.

    Importing the same files again stores nothing. Each resource that cannot be stored is a line of
    `refusals_file`, and the rest goes on. Refuses as a whole, `Invalid`, an organisation that is no
    ODS code; `Unavailable` or `StorageFull` when the record fails, and what was stored stays.
    """
    code = organisation.strip().upper()
    if not _CODE.fullmatch(code):
        raise Invalid(f"{organisation!r} is no ODS code, such as RTE, Y90001 or a council's 904.")
    started = time.monotonic()
    with Refusals(refusals_file) as refusals:
        run = _Run(list(paths), code, permit, refusals, progress)
        run.everything()
        dangling = run.links.dangling(permit)
        return ImportReport(
            counts=refusals.counts(),
            seconds=time.monotonic() - started,
            files=run.files,
            refusals=refusals.lines,
            refusals_file=refusals_file,
            dangling=dangling[:MOST_LISTED],
            dangling_count=len(dangling) + run.links.unlisted,
            notes=refusals.notes,
        )


class _Run:
    """The parts of one import, and where it has got to."""

    def __init__(
        self,
        paths: list[Path],
        organisation: str,
        permit: Permit,
        refusals: Refusals,
        progress: Progress,
    ) -> None:
        self._paths = paths
        self._organisation = organisation
        self._permit = permit
        self._refusals = refusals
        self._progress = progress
        self._total = 2 * total_bytes(paths)
        self._note = ""
        self.files = 0
        self.links = Links()
        self._persons = Persons(permit, organisation)
        self._preparer = Preparer(organisation, self._persons, refusals, self.links)
        self._returns = Council(organisation, permit, self._persons, refusals)
        self._writer = Writer(
            permit,
            refusals,
            f"import for {organisation}",
            elsewhere=self._total // 2 > APART_BYTES,
        )

    def everything(self) -> None:
        """Read all files twice: first the people that stand alone, then everything else."""
        try:
            self._name_organisation()
            self._first_pass()
            self._writer.flush()
            self._second_pass()
            self._writer.flush()
        finally:
            self._writer.close()

    def _name_organisation(self) -> None:
        """See that the organisation itself is in the record, by its name where that is known."""
        query = parse_query("Organization", (("_id", self._organisation),))
        if search(self._permit, query, detail="import").entries:
            return
        known = look_up(self._organisation)
        resource = {
            "resourceType": "Organization",
            "id": self._organisation,
            "identifier": [{"system": ODS_SYSTEM, "value": self._organisation}],
            "name": known.name if known else self._organisation,
        }
        self._writer.add([Item(Put(resource, Source(self._organisation)), "", 0)])

    def _first_pass(self) -> None:
        """Store the people and organisations of lines and single files; bundles bring their own."""
        self._note = "Looking for people"
        for document in self._documents(0, lambda _name, _words: None):
            if document.kind == CSV:
                continue
            for unit in self._units(document, silent=True):
                if not unit.is_bundle:
                    self._writer.add(list(self._preparer.prepare(_chosen(unit, first=True))))

    def _second_pass(self) -> None:
        for document in self._documents(self._total // 2, self._refusals.refuse_file):
            self.files += 1
            self._note = Path(document.name).name
            if document.kind == CSV:
                self._council(document)
                continue
            for unit in self._units(document, silent=False):
                rest = unit if unit.is_bundle else _chosen(unit, first=False)
                self._writer.add(list(self._preparer.prepare(rest)))

    def _documents(self, base: int, refuse: Refuse) -> Iterator[Document]:
        def advance(done: int) -> None:
            self._progress(min(base + done, self._total), self._total, self._note)

        return documents(self._paths, refuse=refuse, advance=advance)

    def _units(self, document: Document, *, silent: bool) -> Iterator[Unit]:
        """Yield the units of a document; one that breaks is refused, once, and the next goes on."""
        try:
            yield from units(document)
        except (Unavailable, StorageFull):
            raise
        except Refusal as refusal:
            if not silent:
                self._refusals.refuse(document.name, 0, refusal.problems)
        except _BROKEN:
            if not silent:
                words = "The file is broken or cut off. What came before was read."
                self._refusals.refuse_file(document.name, words)

    def _council(self, document: Document) -> None:
        # What an earlier file said is looked up in the record, so it must be there.
        self._writer.flush()
        for item in self._returns.items(document):
            resource = item.put.resource
            key = resource_key(resource["resourceType"], resource["id"])
            self.links.add(key, references_of(resource), b"", repeats=False)
            self._writer.add([item])


def _chosen(unit: Unit, *, first: bool) -> Unit:
    """Return the unit with only the entries that come first, or only those that do not."""
    chosen = tuple(e for e in unit.entries if comes_first(e) == first)
    return Unit(unit.file, chosen, is_bundle=False)
