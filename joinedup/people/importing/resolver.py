"""What the references of one imported resource lead to here. No database but through `Persons`."""

from collections.abc import Mapping

from joinedup.fhir.issue import Problem
from joinedup.people.importing.naming import is_ods, record_id, relative_name
from joinedup.people.importing.persons import Persons

__all__ = ["Resolver"]

_REFUSED = "refused "


class Resolver:
    """Resolves references one by one, and remembers what they led to."""

    def __init__(
        self,
        organisation: str,
        persons: Persons,
        names: Mapping[str, str],
        codes: Mapping[str, str],
    ) -> None:
        self._organisation = organisation
        self._persons = persons
        self._names = names
        self._codes = codes
        self.targets: dict[str, None] = {}
        self.question = ""
        """The question that somebody named here waits for; then this waits too."""
        self.refused: tuple[Problem, ...] = ()

    @property
    def names_a_person(self) -> bool:
        """Whether anything resolved so far is a person."""
        return any(target.startswith("Patient/") for target in self.targets)

    def resolve(self, reference: str) -> str:
        """Return the reference to use here; what leads nowhere known keeps a name of its own."""
        target = self._names.get(reference)
        if target is None:
            target = self._outside(reference)
        if target.startswith(_REFUSED):
            self._refuse(target.removeprefix(_REFUSED))
            return reference
        self.targets[target] = None
        if target.startswith("Patient/"):
            self.resolve_person(target.removeprefix("Patient/"))
        return target

    def resolve_person(self, person_id: str) -> None:
        """Keep that the resource is about this person after all, who may have to wait."""
        self.targets[f"Patient/{person_id}"] = None
        self.question = self.question or self._persons.question(person_id)

    def _outside(self, reference: str) -> str:
        """Return what a reference means that nothing of the same file answers to."""
        found = relative_name(reference)
        if found is None:
            return reference
        kind, identity = found
        name = f"{kind}/{identity}"
        if (target := self._names.get(name)) is not None:
            return target
        if kind == "Patient":
            if self._persons.refused(name):
                return f"{_REFUSED}{name}"
            return f"Patient/{self._persons.master(name)}"
        if kind == "Organization":
            code = self._codes.get(name) or (identity if is_ods(identity) else "")
            if code:
                return f"Organization/{code}"
        return f"{kind}/{record_id(self._organisation, name)}"

    def _refuse(self, name: str) -> None:
        problem = self._persons.refused(name)
        why = problem.message if problem else "it could not be read"
        words = f"Not stored, because its person was refused: {why}"
        self.refused = (Problem("business-rule", words),)
