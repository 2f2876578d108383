"""Which roles may do what is not about one resource, and the groups of roles of the tables.

A part of the one table: `access.policy` has the rest, and `docs/access.md` is printed from both.
"""

from collections.abc import Mapping

from joinedup.access.words import Power, Role

__all__ = ["CLINICIANS", "POWERS", "SETTLE_IDENTITY", "WARD"]

CLINICIANS = (
    Role.GP,
    Role.PRACTICE_NURSE,
    Role.DISTRICT_NURSE,
    Role.WARD_NURSE,
    Role.WARD_MANAGER,
    Role.CONSULTANT,
)
SETTLE_IDENTITY = (Role.RECEPTIONIST, Role.DISCHARGE_COORDINATOR, Role.PRIVACY_OFFICER)
WARD = (Role.WARD_NURSE, Role.WARD_MANAGER, Role.CONSULTANT, Role.DISCHARGE_COORDINATOR)
"""Who works on a ward, or gets people home from it."""

POWERS: Mapping[Power, tuple[Role, ...]] = {
    Power.TRACE: (
        *CLINICIANS,
        Role.RECEPTIONIST,
        Role.DISCHARGE_COORDINATOR,
        Role.SOCIAL_WORKER,
        Role.OCCUPATIONAL_THERAPIST,
        Role.SAFEGUARDING_LEAD,
        Role.PRIVACY_OFFICER,
        Role.SYSTEM,
    ),
    Power.BREAK_GLASS: (
        *CLINICIANS,
        Role.DISCHARGE_COORDINATOR,
        Role.SOCIAL_WORKER,
        Role.SAFEGUARDING_LEAD,
    ),
    Power.REVIEW_ACCESS: (Role.PRIVACY_OFFICER,),
    Power.ADMIT_STAFF: (Role.WARD_MANAGER,),
    Power.APPROVE_PROXY: (Role.GP, Role.PRACTICE_NURSE, Role.PRIVACY_OFFICER),
    # Whoever knows both as their own, where duplicates are made and found; of the protected, and of
    # people who are not registered in one place, only who answers for the whole place.
    Power.MERGE: (Role.GP, Role.RECEPTIONIST, Role.PRIVACY_OFFICER),
    Power.SETTLE_IDENTITY: SETTLE_IDENTITY,
    Power.RELEASE_RECORD: (Role.PRIVACY_OFFICER,),
    Power.READ_BOOKS: (Role.FINANCE_OFFICER, Role.COMMISSIONER),
    # Two different officers a payment (BU-05): the power is the same, the worker never.
    Power.KEEP_BOOKS: (Role.FINANCE_OFFICER,),
    # Care Act 2014 s19(3): urgent care waits for no assessment and no budget, only for the pot.
    Power.START_CARE: (Role.DISCHARGE_COORDINATOR, Role.BROKER),
    Power.SEE_BEDS: (*WARD, Role.OCCUPATIONAL_THERAPIST, Role.COMMISSIONER, Role.ANALYST),
    Power.KEEP_BEDS: WARD,
    Power.READ_BOARD: (
        *WARD,
        Role.GP,
        Role.OCCUPATIONAL_THERAPIST,
        Role.SOCIAL_WORKER,
        Role.BROKER,
    ),
    # DI-01: a clinician, of a community hospital too.
    Power.REVIEW_CRITERIA: (
        Role.GP,
        Role.WARD_NURSE,
        Role.WARD_MANAGER,
        Role.CONSULTANT,
    ),
    Power.SEND_RETURNS: (Role.DISCHARGE_COORDINATOR, Role.WARD_MANAGER),
    # The director on call of a hospital is one of its consultants or managers.
    Power.DECLARE_OPEL: (Role.WARD_MANAGER, Role.CONSULTANT),
    Power.PUT_OFF: (Role.DISCHARGE_COORDINATOR, Role.WARD_MANAGER, Role.CONSULTANT),
    Power.FIND_CARE: (Role.DISCHARGE_COORDINATOR, Role.BROKER),
    Power.ANSWER_OFFERS: (Role.PROVIDER_WORKER,),
    Power.ARRANGE_LEAVING: (*WARD, Role.SOCIAL_WORKER, Role.OCCUPATIONAL_THERAPIST),
    Power.END_STAY: WARD,
    # Their own name, and nobody else's (DI-04).
    Power.OWN_RISK: (
        Role.CONSULTANT,
        Role.WARD_MANAGER,
        Role.DISCHARGE_COORDINATOR,
        Role.SOCIAL_WORKER,
    ),
    Power.READ_HUB: (Role.DISCHARGE_COORDINATOR, Role.BROKER),
    Power.ANSWER_HUB: (Role.DISCHARGE_COORDINATOR,),
    # Public figures and models of them: nobody's record is in it.
    Power.PLAN: (Role.COMMISSIONER, Role.ANALYST),
}
