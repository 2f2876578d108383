"""The words of access: roles, actions and purposes. Classes, labels and grounds are `fhir`'s.

A role is what somebody is signed in as, one at a time; `access.policy` says what each may do.
"""

from enum import Enum, IntFlag

from joinedup.fhir.classes import DataClass, Label
from joinedup.fhir.relationships import Ground

__all__ = ["ROLE_SYSTEM", "Action", "DataClass", "Ground", "Label", "Power", "Purpose", "Role"]


class Role(Enum):
    """What somebody is signed in as (domain.md 0)."""

    GP = "gp"
    PRACTICE_NURSE = "practice-nurse"
    RECEPTIONIST = "receptionist"
    LINK_WORKER = "link-worker"
    DISTRICT_NURSE = "district-nurse"
    WARD_NURSE = "ward-nurse"
    WARD_MANAGER = "ward-manager"
    CONSULTANT = "consultant"
    DISCHARGE_COORDINATOR = "discharge-coordinator"
    SOCIAL_WORKER = "social-worker"
    OCCUPATIONAL_THERAPIST = "occupational-therapist"
    BROKER = "broker"
    PROVIDER_WORKER = "provider-worker"
    FINANCE_OFFICER = "finance-officer"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    PRIVACY_OFFICER = "privacy-officer"
    COMMISSIONER = "commissioner"
    ANALYST = "analyst"
    PERSON = "person"
    PROXY = "proxy"
    SYSTEM = "system"


class Action(IntFlag):
    """What is done with a resource; a cell of the policy holds the sum of those allowed."""

    NONE = 0
    LOOK = 1
    CHANGE = 2
    PRINT = 4
    EXPORT = 8


ROLE_SYSTEM = "https://joinedup.example/CodeSystem/role"
"""Codes of our roles, in `PractitionerRole.code`: what somebody who signs in is."""


class Power(Enum):
    """What a role may do that is not about one resource."""

    TRACE = "find a person by name"
    BREAK_GLASS = "open a record without a relationship, for a coded reason"
    REVIEW_ACCESS = "read who looked, and answer for it"
    ADMIT_STAFF = "give a worker a post on the ward, with an end date"
    APPROVE_PROXY = "verify and approve a proxy"
    MERGE = "join two records of one person, and part them again"
    SETTLE_IDENTITY = "say whose record it is, when the machine may not"
    RELEASE_RECORD = "answer a person's request for their whole record"
    READ_BOOKS = "read the accounts of the place: pools, grants, what they bought"
    KEEP_BOOKS = "prepare what moves the place's money, and approve what somebody else prepared"
    START_CARE = "start urgent care on what two officers set aside for it, and see no sum of it"
    SEE_BEDS = "see how full the hospitals of the place are"
    KEEP_BEDS = "move people between beds; clean, close and open beds of one's own hospital"
    READ_BOARD = "see who lies in hospital, and what each of them waits for"
    REVIEW_CRITERIA = "say whether somebody still needs their hospital bed"
    SEND_RETURNS = "send the place's returns, and amend them"
    DECLARE_OPEL = "declare how hard-pressed the hospital is, by name"
    FIND_CARE = "find care for somebody: see what is free, hold it, offer it, confirm a start"
    ANSWER_OFFERS = "say what a provider has free, and answer what it is offered"
    ARRANGE_LEAVING = "arrange how somebody goes home from hospital"
    END_STAY = "say that somebody has left the ward, and how"
    OWN_RISK = "answer by name for somebody who leaves before help is confirmed"
    READ_HUB = "read what wards have referred to the care transfer hub"
    ANSWER_HUB = "answer for the hub what wards have referred to it"
    PUT_OFF = "propose operations to be put off, and tell people"
    PLAN = "play the place forward, and read what that says: figures alone"


class Purpose(Enum):
    """Why the record is looked at."""

    DIRECT_CARE = "direct-care"
    OWN_CARE = "own-care"
    ADMINISTRATION = "administration"
    ANALYSIS = "analysis"
    SYSTEM = "system"
