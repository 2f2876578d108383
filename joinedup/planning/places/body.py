"""The network of a place in names of parameters: hospitals, the care their people wait for.

One system's hospitals alone, or all of England's coupled: a person in a bed of one system may wait
for care at home in another. docs/decisions/0007-places.md says why it looks as it does.
"""

from typing import Any

from joinedup.planning.places.parameters import AGES

__all__ = ["CARE", "body_of", "derived_of"]

# Service: (pathway, its part of the pathway, name of its stay).
CARE = {
    "home care": ("1", "(1 - {home}reablement_part)", "home_care"),
    "reablement": ("1", "{home}reablement_part", "reablement"),
    "community beds": ("2", "1", "community_bed"),
    "care homes": ("3", "1", "care_home"),
}
_ED = "emergency department"
# The time people have been there, in mean stays, when a model begins: a third of them each.
_ELAPSED = (0.15, 0.6, 1.5)


def derived_of(hospitals: dict[str, dict[str, float]], prefixes: dict[str, str]) -> dict[str, str]:
    """Return the named arithmetic: stays that fill the beds as published, care places by flow.

    `hospitals` gives where each system's inpatients live, in shares.
    """
    found: dict[str, str] = {}
    for code in hospitals:
        found |= _of_hospital(prefixes[code])
    for home in hospitals:
        found |= _of_home(home, hospitals, prefixes)
    return found


def _of_hospital(p: str) -> dict[str, str]:
    rates = {age: f"{p}people_{age} * admissions_per_1000_{age}" for age in AGES.values()}
    found = {f"{p}admitted": " + ".join(rates.values())}
    found |= {f"{p}share_{age}": f"{rate} / {p}admitted" for age, rate in rates.items()}
    waiting = " + ".join(f"{p}waiting_share_{pathway}" for pathway in "123")
    stay_mix = " + ".join(f"{p}share_{age} * stay_{age}_factor" for age in AGES.values())
    found |= {
        f"{p}long_a_day": f"{p}emergency_a_day * (1 - short_share)",
        f"{p}held": f"{p}remaining * ({waiting})",
        f"{p}in_arrangement": f"{p}remaining - {p}held",
        f"{p}stay_mix": stay_mix,
        f"{p}short_beds": f"{p}emergency_a_day * short_share * short_days",
        f"{p}other_beds": f"{p}planned_a_day * elective_days + {p}flu_a_day * flu_days + {p}held",
        f"{p}stay_days": (
            f"max(0.5, ({p}occupied - {p}short_beds - {p}other_beds)"
            f" / ({p}long_a_day * {p}stay_mix))"
        ),
        f"{p}needing": (
            f"{p}long_a_day * ({p}share_younger * care_need_younger + {p}share_middle"
            f" + {p}share_older * care_need_older)"
        ),
        f"{p}norovirus_a_day": (
            f"{p}norovirus_share * {p}beds_open / (norovirus_beds * norovirus_days)"
        ),
    }
    return found


def _of_home(
    home: str, hospitals: dict[str, dict[str, float]], prefixes: dict[str, str]
) -> dict[str, str]:
    """Care places of a system by what its people are discharged to, and who asks for them."""
    p = prefixes[home]
    shares = {code: _share_text(code, home, hospitals, prefixes) for code in hospitals}
    from_where = {code: text for code, text in shares.items() if text}
    needing = " + ".join(f"{prefixes[c]}needing * {s}" for c, s in from_where.items())
    found = {f"{p}needing_here": needing}
    for pathway in "123":
        found[f"{p}held_here_{pathway}"] = " + ".join(
            f"{prefixes[c]}remaining * {prefixes[c]}waiting_share_{pathway} * {s}"
            for c, s in from_where.items()
        )
    for service, (pathway, part, stay) in CARE.items():
        name = service.replace(" ", "_")
        own = part.format(home=p)
        found[f"{p}{name}_held"] = f"{p}held_here_{pathway} * {own}"
        found[f"{p}{name}_flow"] = f"{p}needing_here * need_{pathway} * {own}"
        found[f"{p}{name}_places"] = f"max(1, {stay}_days * {p}{name}_flow)"
        # Those published are discharged there; as many more ask as stop waiting.
        asking = f"1 + {p}{name}_held / (patience_days * max(0.01, {p}{name}_flow))"
        found[f"{p}{name}_asked"] = f"need_{pathway} * {own} * ({asking})"
    found[f"{p}asked"] = " + ".join(f"{p}{s.replace(' ', '_')}_asked" for s in CARE)
    return found


def _share_text(
    code: str, home: str, hospitals: dict[str, dict[str, float]], prefixes: dict[str, str]
) -> str:
    """A system alone keeps its own share as a parameter; coupled ones use the shares as counted."""
    if len(hospitals) == 1:
        return f"{prefixes[code]}own_share"
    share = hospitals[code].get(home, 0.0)
    return f"{share:.4f}" if share else ""


def body_of(
    hospitals: dict[str, dict[str, float]],
    prefixes: dict[str, str],
    *,
    days: int,
    warm_up_days: int,
    peak_offset_days: int,
    attenders: bool,
) -> dict[str, Any]:
    """Return the network as a file writes it."""
    alone = len(hospitals) == 1
    services: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    routes: list[dict[str, Any]] = []
    present: list[dict[str, Any]] = []
    for code, homes in hospitals.items():
        of = "" if alone else f" {code}"
        p = prefixes[code]
        services += _hospital_services(p, of)
        services += _care_services(p, of)
        classes += _classes(p, of, peak_offset_days, attenders=attenders)
        onward = _onward(homes, prefixes, hospitals)
        routes += _hospital_routes(p, of, onward, attenders=attenders)
        present += _present_in_beds(p, of)
        kinds = [f"{age}{of}" for age in AGES] + [f"flu{of}"] if alone else []
        routes += _care_routes(of, kinds or [_in_care(age) for age in AGES])
        present += _present_in_care(p, of, f"65 to 84{of}" if alone else _in_care("65 to 84"))
    if not alone:
        classes += [
            {"name": _in_care(age), "enters": f"home care {min(hospitals)}"} for age in AGES
        ]
    return {
        "horizon": float(days + warm_up_days),
        "warm_up": float(warm_up_days),
        "period": 1.0,
        "wait_bounds": [4 / 24, 12 / 24],
        "services": services,
        "classes": classes,
        "routes": routes,
        "present": present,
    }


def _hospital_services(p: str, of: str) -> list[dict[str, Any]]:
    outbreaks = {
        "name": "norovirus",
        "rate": {"type": "daily", "rate": f"{p}norovirus_a_day", "by_month": "norovirus_by_month"},
        "lasts": {"type": "gamma", "mean": "norovirus_days", "sd": "norovirus_days * 0.7"},
        "places": "norovirus_beds * norovirus_empty",
    }
    return [
        {"name": f"{_ED}{of}"},
        {
            "name": f"beds{of}",
            "capacity": {"type": "monthly", "places": f"{p}beds_by_month * usable_share"},
            "outbreaks": [outbreaks],
        },
    ]


def _care_services(p: str, of: str) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{service}{of}",
            "capacity": f"{p}{service.replace(' ', '_')}_places",
            "order": "arrival",
        }
        for service in CARE
    ]


def _classes(p: str, of: str, offset: int, *, attenders: bool) -> list[dict[str, Any]]:
    def emergency(rate: str) -> dict[str, Any]:
        return {
            "type": "daily",
            "rate": rate,
            "by_month": f"{p}emergency_by_month",
            "by_weekday": "emergency_by_weekday",
        }

    def person(name: str, enters: str, arrivals: dict[str, Any], priority: int) -> dict[str, Any]:
        return {
            "name": f"{name}{of}",
            "enters": f"{enters}{of}",
            "arrivals": arrivals,
            "priority": priority,
        }

    wave = {
        "type": "wave",
        "people": f"flu_size * {p}flu_people",
        "peak": f"flu_peak - {offset}" if offset >= 0 else f"flu_peak + {-offset}",
        "width": "flu_width",
    }
    planned = {"type": "daily", "rate": f"{p}planned_a_day", "by_weekday": "planned_by_weekday"}
    found = [person("short stay", _ED, emergency(f"{p}emergency_a_day * short_share"), 1)]
    for age, name in AGES.items():
        found.append(person(age, _ED, emergency(f"{p}long_a_day * {p}share_{name}"), 1))
    found += [person("flu", _ED, wave, 1), person("planned", "beds", planned, 2)]
    if attenders:
        rate = f"max(0, {p}attendances_a_day - {p}emergency_a_day)"
        found.append(person("attender", _ED, emergency(rate), 1))
    return found


def _onward(
    homes: dict[str, float], prefixes: dict[str, str], hospitals: dict[str, dict[str, float]]
) -> dict[str, list[dict[str, Any]]]:
    """Where long stays go, by age: to care of the system they live in; the others go home."""
    alone = len(hospitals) == 1
    weights = {"under 65": "care_need_younger", "65 to 84": "1", "85 and over": "care_need_older"}
    # Of people with flu those who stay long need care as others do.
    weights["flu"] = "(1 - short_share)"
    found: dict[str, list[dict[str, Any]]] = {}
    for age, weight in weights.items():
        mine: list[dict[str, Any]] = []
        for home, share in homes.items():
            if home not in hospitals:
                continue
            p = prefixes[home]
            factor = f"{p}own_share" if alone else f"{share:.4f}"
            # Where the drawn needs of the oldest pass nine in ten, nine in ten need care.
            most = f"0.9 / max(0.9, {weight} * {p}asked)"
            for service in CARE:
                asked = f"{p}{service.replace(' ', '_')}_asked"
                chance = f"{factor} * {weight} * {asked} * {most}"
                step = {"to": service if alone else f"{service} {home}", "probability": chance}
                after = _in_care(age if age in AGES else "65 to 84")
                mine.append(step if alone else step | {"become": after})
        found[age] = mine
    return found


def _hospital_routes(
    p: str, of: str, onward: dict[str, list[dict[str, Any]]], *, attenders: bool
) -> list[dict[str, Any]]:
    def route(who: str, service: str, stay: dict[str, Any], to: list[Any]) -> dict[str, Any]:
        found = {"person_class": f"{who}{of}", "service": f"{service}{of}", "stay": stay}
        return found | ({"onward": to} if to else {})

    ed_stay = {"type": "gamma", "mean": "emergency_department_days",
               "sd": "emergency_department_days * 0.6"}  # fmt: skip
    to_bed = [{"to": f"beds{of}", "probability": 1.0}]
    found = [route(who, _ED, ed_stay, to_bed) for who in ("short stay", *AGES, "flu")]
    found.append(route("short stay", "beds", {"type": "exponential", "mean": "short_days"}, []))
    for age, name in AGES.items():
        mean = f"{p}stay_days * stay_{name}_factor"
        stay = {"type": "lognormal", "mean": mean, "sd": f"{mean} * stay_variation"}
        found.append(route(age, "beds", stay, onward[age]))
    flu_stay = {"type": "lognormal", "mean": "flu_days", "sd": "flu_sd_days"}
    found.append(route("flu", "beds", flu_stay, onward["flu"]))
    planned = {"type": "lognormal", "mean": "elective_days", "sd": "elective_sd_days"}
    found.append(route("planned", "beds", planned, []))
    if attenders:
        found.append(route("attender", _ED, ed_stay, []))
    return found


def _care_routes(of: str, kinds: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "person_class": kind,
            "service": f"{service}{of}",
            "stay": {"type": "lognormal", "mean": f"{stay}_days", "sd": f"{stay}_sd_days"},
            "patience": {"type": "exponential", "mean": "patience_days"},
        }
        for service, (_, _, stay) in CARE.items()
        for kind in kinds
    ]


def _present_in_beds(p: str, of: str) -> list[dict[str, Any]]:
    stays = {"short stay": (f"{p}short_beds", "short_days")}
    for age, name in AGES.items():
        mean = f"{p}stay_days * stay_{name}_factor"
        stays[age] = (f"{p}long_a_day * {p}share_{name} * {mean}", mean)
    stays["planned"] = (f"{p}planned_a_day * elective_days", "elective_days")
    return [
        {
            "person_class": f"{who}{of}",
            "service": f"beds{of}",
            "elapsed": f"{mean} * {elapsed}",
            "count": f"max(1, {count} / 3)",
        }
        for who, (count, mean) in stays.items()
        for elapsed in _ELAPSED
    ]


def _present_in_care(p: str, of: str, who: str) -> list[dict[str, Any]]:
    return [
        {
            "person_class": who,
            "service": f"{service}{of}",
            "elapsed": f"{stay}_days * {elapsed}",
            "count": f"max(1, {p}{service.replace(' ', '_')}_places / 3)",
        }
        for service, (_, _, stay) in CARE.items()
        for elapsed in _ELAPSED
    ]


def _in_care(age: str) -> str:
    return f"{age} in care"
