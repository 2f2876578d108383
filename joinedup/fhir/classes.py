"""What kind of information each FHIR R4 type holds, and whether it may be shared at all.

Every type is declared here: about a person (and then in which data class), shared by everybody who
works in the place, or never kept. A type that is not declared is served to nobody (trust.md 2, 1).
What a role may see of each class is `access.policy`.
"""

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from typing import Any

from joinedup.fhir.search.extract import CONFIDENTIALITY

__all__ = [
    "ACCESS_TASKS",
    "AGREEMENT_KIND",
    "CLASS_OF_TYPE",
    "DISAGREEMENT",
    "IDENTITY_TASKS",
    "INVOICE_EXCEPTION",
    "LABEL_CODES",
    "MONEY_TASKS",
    "NAMES_NOBODY",
    "NEVER",
    "START_LOST",
    "STAY_TASKS",
    "TASK_KIND",
    "DataClass",
    "Label",
    "bed_or_ward",
    "class_of",
    "is_of_the_place",
    "label_of",
    "labels_on",
    "links_worker",
    "may_name_nobody",
    "task_kind",
]


class DataClass(IntEnum):
    """What kind of information a resource holds. Stored in every row; a number is never reused."""

    SHARED = 1
    DEMOGRAPHIC = 2
    CLINICAL = 3
    SOCIAL_CARE = 4
    FINANCIAL = 5
    ACCESS = 6
    VISITS = 7
    MEDICINES = 8
    NOTES = 9
    ALERTS = 10
    PLAN = 11
    WORK = 12
    IDENTITY = 13
    HELD = 14
    FUNDS = 15
    """Money of the place that names nobody: pools, grants, what a provider is owed."""
    BED = 16
    """Beds and wards: every worker sees them, the staff of their hospital changes them."""
    RETURNS = 17
    """What is reported of the place and names nobody: counts of a day, a level of pressure."""
    STARTS = 18
    """What is set aside for urgent starts of care in a month: who starts it writes here alone."""


class Label(IntFlag):
    """Sensitivity labels, as bits; a permit sees a row when it is allowed every bit set on it."""

    NONE = 0
    RESTRICTED = 1
    VERY_RESTRICTED = 2
    SEXUAL_HEALTH = 4
    THIRD_PARTY = 8
    ADOPTION = 16
    DOMESTIC_ABUSE = 32
    GENDER_HISTORY = 64
    FERTILITY = 128
    PUBLIC_PROTECTION = 256
    SERIOUS_HARM = 512
    ABOUT_ANOTHER = 1024
    PROTECTED_IDENTITY = 2048
    PRIVACY_OFFICE = 4096
    """An alert about a look, or which worker is which person: for who answers for access, and
    nobody else knows of it (AC-03)."""


_TYPES: Mapping[DataClass, str] = {
    DataClass.SHARED: """
        Organization OrganizationAffiliation Practitioner PractitionerRole Location
        HealthcareService Endpoint Medication MedicationKnowledge Questionnaire Device
        DeviceDefinition DeviceMetric Substance Schedule Slot ActivityDefinition PlanDefinition
        Measure Library ValueSet CodeSystem ConceptMap NamingSystem StructureDefinition
        SearchParameter OperationDefinition CapabilityStatement CompartmentDefinition
        SpecimenDefinition ObservationDefinition ChargeItemDefinition InsurancePlan""",
    DataClass.DEMOGRAPHIC: "Patient RelatedPerson Person Group",
    DataClass.CLINICAL: """
        AdverseEvent AllergyIntolerance BodyStructure Condition DeviceRequest DeviceUseStatement
        DiagnosticReport FamilyMemberHistory ImagingStudy Immunization ImmunizationEvaluation
        ImmunizationRecommendation MolecularSequence Observation Procedure ResearchSubject
        RiskAssessment Specimen VisionPrescription List Basic GuidanceResponse
        BiologicallyDerivedProduct MeasureReport""",
    DataClass.SOCIAL_CARE: "EpisodeOfCare QuestionnaireResponse SupplyRequest SupplyDelivery",
    DataClass.FINANCIAL: """
        Account ChargeItem Claim ClaimResponse Contract Coverage CoverageEligibilityRequest
        CoverageEligibilityResponse EnrollmentRequest EnrollmentResponse ExplanationOfBenefit
        Invoice PaymentNotice PaymentReconciliation""",
    DataClass.ACCESS: "Consent AuditEvent Provenance VerificationResult",
    DataClass.VISITS: "Appointment AppointmentResponse Encounter",
    DataClass.MEDICINES: """
        MedicationRequest MedicationStatement MedicationDispense MedicationAdministration""",
    DataClass.NOTES: """
        ClinicalImpression Communication CommunicationRequest Composition DocumentManifest
        DocumentReference Media Binary""",
    DataClass.ALERTS: "Flag DetectedIssue",
    DataClass.PLAN: "CarePlan CareTeam Goal NutritionOrder",
    DataClass.WORK: "Task ServiceRequest RequestGroup",
}

NEVER: frozenset[str] = frozenset(
    """
    Bundle CatalogEntry EffectEvidenceSynthesis EventDefinition Evidence EvidenceVariable
    ExampleScenario GraphDefinition ImplementationGuide Linkage MedicinalProduct
    MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
    MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
    MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect
    MessageDefinition MessageHeader OperationOutcome Parameters ResearchDefinition
    ResearchElementDefinition ResearchStudy RiskEvidenceSynthesis StructureMap Subscription
    SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
    SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities TestReport TestScript
    """.split()
)
"""Types that are not kept: what carries other resources, and what no one in a place of care has."""

NAMES_NOBODY = (DataClass.SHARED, DataClass.BED, DataClass.FUNDS, DataClass.RETURNS)
"""Classes of what is nobody's information: seen on no relationship, by whose role they are for."""

CLASS_OF_TYPE: Mapping[str, DataClass] = {
    name: data_class for data_class, names in _TYPES.items() for name in names.split()
}
"""Data class of every type that may be kept."""

TASK_KIND = "https://joinedup.example/CodeSystem/task"
"""Our own kinds of Task; `break-glass` belongs to those who guard access, not to daily work."""
ACCESS_TASKS = (
    "break-glass",
    "proxy-request",
    "proxy-reason",
    "proxy-for",
    "access-alert",
    "record-request",
    "withholding",
    "legal-hold",
)
DISAGREEMENT = "disagreement"
"""A Task in which a person says that an entry is wrong: it shows to whoever sees such entries."""

STAY_TASKS = ("stay-ended", "package-held", "help-withdrawn")
"""Tasks that tell of a stay and of the visits that hang on it: whoever comes to the house is told
too, who sees no other work (CP-05, domain.md 9.9 no. 11)."""

START_LOST = "start-lost"
"""A Task that asks finance to take a promise back, because a start did not happen: it names nobody,
and whoever starts care writes it where it wrote the promise."""

INVOICE_EXCEPTION = "invoice-exception"
"""A Task that asks whether a provider's bill is owed: money, and no work of care."""

AGREEMENT_KIND = "https://joinedup.example/CodeSystem/agreement"
"""Kinds of Contract by which the place holds money, `pool` and `grant`: they name nobody."""

MONEY_TASKS = ("payment", "pay-run", INVOICE_EXCEPTION, "month-end")
"""Work on money: of its person, where it names one, and otherwise of the place. It is no care, so
no relationship comes of it."""

IDENTITY_TASKS: Mapping[str, DataClass] = {
    "identity": DataClass.IDENTITY,
    "held": DataClass.HELD,
    "adt": DataClass.HELD,
    "adt-held": DataClass.IDENTITY,
}
"""Whose is it? `identity` asks people; `held` keeps what came until they say. `adt` keeps a message
of a hospital, `adt-held` is its line in the work list, without its content. All name nobody, so
that no relationship leads to them: who answers such questions and jobs of the system see them."""


def class_of(resource: Mapping[str, Any], *, names_somebody: bool) -> DataClass | None:
    """Return the data class of a resource; None for a type that is served to nobody.

    A shared type that names a person is about that person: a device is shared as a product and
    clinical once somebody carries it.
    """
    data_class = CLASS_OF_TYPE.get(resource["resourceType"])
    if task_kind(resource) in MONEY_TASKS:
        return DataClass.FINANCIAL if names_somebody else DataClass.FUNDS
    if not names_somebody and task_kind(resource) == START_LOST:
        return DataClass.STARTS
    if not names_somebody and is_of_the_place(resource):
        return DataClass.FUNDS
    if resource["resourceType"] == RETURN_TYPE and not names_somebody:
        return DataClass.RETURNS
    if data_class is DataClass.SHARED and names_somebody:
        return DataClass.CLINICAL
    if data_class is DataClass.SHARED and bed_or_ward(resource):
        return DataClass.BED
    if links_worker(resource):
        return DataClass.ACCESS
    if data_class is DataClass.WORK and task_kind(resource) in ACCESS_TASKS:
        return DataClass.ACCESS
    if data_class is DataClass.WORK and task_kind(resource) == DISAGREEMENT:
        return _class_of_focus(resource)
    if data_class is DataClass.WORK and task_kind(resource) in STAY_TASKS:
        return DataClass.VISITS
    if data_class is DataClass.WORK:
        return IDENTITY_TASKS.get(task_kind(resource), data_class)
    return data_class


def is_of_the_place(resource: Mapping[str, Any]) -> bool:
    """Return whether this may be kept without naming a person: agreements and work on money."""
    if resource["resourceType"] == "Contract":
        codings = resource.get("type", {}).get("coding", ())
        return any(coding.get("system") == AGREEMENT_KIND for coding in codings)
    return task_kind(resource) in MONEY_TASKS


_BEDS_AND_WARDS = ("bd", "wa")


def bed_or_ward(resource: Mapping[str, Any]) -> str:
    """Return what kind of place of a hospital a resource is, `bd` or `wa`; "" for all else."""
    if resource["resourceType"] != "Location":
        return ""
    codings = resource.get("physicalType", {}).get("coding", ())
    found = (str(c.get("code", "")) for c in codings)
    return next((code for code in found if code in _BEDS_AND_WARDS), "")


RETURN_TYPE = "MeasureReport"
"""A report of measures: about somebody, or a return of the place that names nobody."""


def may_name_nobody(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource of the place is kept without a person: its money, its returns."""
    is_report = resource["resourceType"] == RETURN_TYPE
    return is_report or is_of_the_place(resource) or task_kind(resource) == START_LOST


_OF_ONE_PERSON = ("Patient/", "RelatedPerson/")


def links_worker(resource: Mapping[str, Any]) -> bool:
    """Whether a Person may say which worker is which person, or lead to one that does.

    It is written for alerts about workers' looks (AC-03), and shows to who answers for those alone:
    it tells who of the staff is a patient here. Links that are not plain count.
    """
    if resource["resourceType"] != "Person":
        return False
    targets = (str(k.get("target", {}).get("reference", "")) for k in resource.get("link", ()))
    return not all(target.startswith(_OF_ONE_PERSON) for target in targets)


def _class_of_focus(task: Mapping[str, Any]) -> DataClass:
    """Return the class of the entry that a Task is about: the two are seen together."""
    named = str(task.get("focus", {}).get("reference", "")).partition("/")[0]
    found = CLASS_OF_TYPE.get(named, DataClass.WORK)
    return DataClass.CLINICAL if found is DataClass.SHARED else found


def task_kind(resource: Mapping[str, Any]) -> str:
    """Return which of our own kinds of Task a resource is, such as `break-glass`; "" for none."""
    if resource["resourceType"] != "Task":
        return ""
    codings = resource.get("code", {}).get("coding", ())
    return next((str(c.get("code", "")) for c in codings if c.get("system") == TASK_KIND), "")


ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LABEL_CODES = "https://joinedup.example/CodeSystem/label"
"""Labels that HL7's own code systems have no code for."""

_LABEL_OF_CODE: Mapping[tuple[str, str], Label] = {
    (CONFIDENTIALITY, "R"): Label.RESTRICTED,
    (CONFIDENTIALITY, "V"): Label.VERY_RESTRICTED,
    (ACT_CODE, "SEX"): Label.SEXUAL_HEALTH,
    (ACT_CODE, "STD"): Label.SEXUAL_HEALTH,
    (ACT_CODE, "HIV"): Label.SEXUAL_HEALTH,
    (ACT_CODE, "SDV"): Label.DOMESTIC_ABUSE,
    (ACT_CODE, "DVL"): Label.DOMESTIC_ABUSE,
    (LABEL_CODES, "third-party"): Label.THIRD_PARTY,
    (LABEL_CODES, "adoption"): Label.ADOPTION,
    (LABEL_CODES, "gender-history"): Label.GENDER_HISTORY,
    (LABEL_CODES, "fertility"): Label.FERTILITY,
    (LABEL_CODES, "public-protection"): Label.PUBLIC_PROTECTION,
    (LABEL_CODES, "privacy-office"): Label.PRIVACY_OFFICE,
    (LABEL_CODES, "serious-harm"): Label.SERIOUS_HARM,
    (LABEL_CODES, "about-another"): Label.ABOUT_ANOTHER,
    (LABEL_CODES, "protected-identity"): Label.PROTECTED_IDENTITY,
}


_ORDINARY: Mapping[str, tuple[str, ...]] = {
    CONFIDENTIALITY: ("U", "L", "M", "N"),
    ACT_CODE: (),
    LABEL_CODES: (),
}
"""What of these systems withholds nothing. A code that is not known here is taken as restricted."""


def label_of(resource: Mapping[str, Any]) -> int:
    """Return the label bits of `meta.security` (AC-01); a sensitivity unknown here is restricted.

    On a Patient, restricted means where and how to find her is withheld, not that she exists
    (domain.md 1.2): the bit is left off and the fields are removed on the way out. A Person that
    links a worker is the privacy officer's, whatever it says of itself.
    """
    bits = labels_on(resource)
    if resource["resourceType"] == "Patient":
        bits &= ~(Label.RESTRICTED | Label.VERY_RESTRICTED)
    if links_worker(resource):
        bits |= Label.PRIVACY_OFFICE
    return int(bits)


def labels_on(resource: Mapping[str, Any]) -> Label:
    """Return every label that `meta.security` says, whatever the type."""
    bits = Label.NONE
    for coding in resource.get("meta", {}).get("security", ()):
        key = (coding.get("system"), coding.get("code"))
        unknown = key[0] in _ORDINARY and key[1] not in _ORDINARY[key[0]]
        bits |= _LABEL_OF_CODE.get(key, Label.RESTRICTED if unknown else Label.NONE)
    return bits
