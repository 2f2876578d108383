"""Write every table of places: `python -m joinedup.reference.places.derive FOLDER`."""

import csv
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from joinedup.reference.places.derive import care, days, deprivation, hospital, people

__all__ = ["TABLES", "main"]

_HERE = Path(__file__).parents[1]
_OGL = "Contains public sector information licensed under the OGL v3.0."
_YEARS = tuple(str(year) for year in range(2018, 2044))
Derive = Callable[[Path], Iterable[tuple[object, ...]]]
# name: (what derives it, its columns, its sources)
TABLES: dict[str, tuple[Derive, tuple[str, ...], tuple[str, ...]]] = {
    "systems": (people.systems, ("code", "ons_code", "name"), (
        "ONS/NHS ODS, 42 integrated care boards, 2022; OGL (00_lookups/icb22_codes.csv)",
    )),
    "population": (people.population, ("code", "sex", "band", *_YEARS), (
        "ONS mid-2020 estimates by district, sex and age, as first published; OGL v3 "
        "(01_population/ons_mid_year_estimates_la_sex_syoa_2015_2020.csv.gz)",
        "ONS 2018-based projections by area of 2018; OGL v3 "
        "(01_population/ons_snpp_2018based_ccg_5yr_age_sex_2018_2043.csv.gz)",
        "the 2018-based projection runs about 2.7% high on people aged 65+ in 2024",
    )),
    "practice": (people.practice, ("code", "registered", "gps_per_100000", "over_4_weeks"), (
        "NHS England, allocations 2025-26, registered people; OGL v3 "
        "(07_money_unit_costs/icb_allocation_weighted_populations_by_icb_2025-26.csv)",
        "NHS England/NHS Digital by BNSSG ICB, panel of 42 systems, 2023; OGL v3 (02_urgent_care_"
        "beds/icb_annual_panel_demand_capacity_performance_2012_2023.csv.gz)",
    )),
    "flu_weeks": (people.flu_weeks, ("winter", "monday", "per_100000"), (
        "UKHSA dashboard, flu hospital admission rate a week, England, sentinel trusts; OGL v3 "
        "(04_winter_virus/ukhsa_flu_hospital_admission_rate_weekly_england_2015_2025.csv)",
    )),
    "flu_ages": (people.flu_ages, ("winter", "band", "per_100000"), (
        "UKHSA dashboard, flu hospital admission rate by age, added up over a winter; OGL v3 "
        "(04_winter_virus/ukhsa_flu_hospital_admission_rate_weekly_england_2015_2025.csv)",
    )),
    "urgent_care": (hospital.urgent_care, ("code", "month", "attendances", "admissions"), (
        "NHS England, A&E attendances and emergency admissions attributed to systems, Apr 2022 - "
        "Jul 2025; OGL v3 (02_urgent_care_beds/icb_ae_monthly.csv)",
        "left out: Feb and Mar 2025, which repeat Feb and Mar 2024 there to the last digit",
    )),
    "beds": (hospital.beds, ("code", "month", "open", "occupied"), (
        "NHS England, general and acute beds by trust, monthly means, Apr 2022 - Aug 2024; OGL v3 "
        "(02_urgent_care_beds/ga_and_critical_beds_monthly_by_trust.csv.gz)",
        "left out: Aug 2022, which repeats Jul 2022 there to the last digit",
    )),
    "ready": (hospital.ready, ("code", "monday", "not_meeting_criteria", "discharged"), (
        "NHS England, acute discharge sitrep, means of whole weeks, Apr 2022 - Aug 2024; OGL v3 "
        "(03_discharge/icb_criteria_to_reside_daily.csv.gz, icb_discharged_patients_daily.csv.gz)",
        "Lincolnshire's discharges fall from about 119 to 71 a day in 2024: reported otherwise",
    )),
    "ready_days": (days.ready_days, ("code", "monday", *days.DAYS), (
        "NHS England, acute discharge sitrep, Apr 2022 - Aug 2024; OGL v3 "
        "(03_discharge/icb_criteria_to_reside_daily.csv.gz, icb_discharged_patients_daily.csv.gz)",
        "people not meeting criteria to reside, less those discharged; empty: not reported",
    )),
    "bed_days": (days.bed_days, ("code", "monday", *days.DAYS), (
        "NHS England, winter daily sitrep, general and acute beds occupied, 2015-16 to 2019-20; "
        "OGL v3 "
        "(04_winter_virus/winter_sitrep_daily_by_trust_2015-16_to_2021-22.csv.gz)",
        "empty where fewer trusts of a system reported than on most days of that winter",
    )),
    "deprivation": (deprivation.deprivation, ("code", "imd_score"), (
        "OHID trust catchments, April 2026 edition, and Index of Multiple Deprivation 2025; OGL v3 "
        "(02_urgent_care_beds/dim_trust_catchment.csv)",
    )),
    "weekdays": (hospital.weekdays, ("what", *"mon tue wed thu fri sat sun".split()), (
        "NHS England, acute discharge sitrep 2023-24; OGL v3 "
        "(03_discharge/icb_discharged_patients_daily.csv.gz)",
    )),
    "winters": (hospital.winters, (
        "code", "winter", "monday", "open", "occupied", "closed", "closed_empty",
    ), (
        "NHS England, winter daily sitrep, seven winters, weekly means by system; OGL v3 "
        "(04_winter_virus/winter_sitrep_daily_by_trust_2015-16_to_2021-22.csv.gz)",
    )),
    "borders": (hospital.borders, ("home", "hospital", "share"), (
        "OHID/ONS, share of each trust's patients by system, 2022; OGL "
        "(00_lookups/lookup_nhs_trusts22_icb22.csv)",
        "NHS England, general and acute beds by trust, Sep 2023 - Aug 2024; OGL v3 "
        "(02_urgent_care_beds/ga_and_critical_beds_monthly_by_trust.csv.gz)",
        "shares below half of 1% are left out",
    )),
    "reasons": (hospital.reasons, ("code", "cause", "pathway", "delayed"), (
        "NHS England, delays of stays over 7 days by reason, Jun 2024 - May 2025; OGL v3 "
        "(03_discharge/delayed_discharge_reasons_monthly_by_trust.csv.gz)",
    )),
    "care": (care.care, ("code", "figure", "number"), (
        "DHSC, ASCOF 2024-25 numerators and denominators; OGL v3 "
        "(05_social_care/ascof_2015-16_to_2024-25_by_council.csv.gz)",
        "NHS Digital ASC-FR by B. Goodair (Oxford), weeks of care-home care, year ending 2023; "
        "OGL v3 (05_social_care/asc_activity_by_council_2001_2023.csv.gz)",
    )),
}  # fmt: skip


def main() -> None:
    """Write the tables and say how many lines each holds."""
    folder = Path(sys.argv[1])
    for name, (derive, columns, sources) in TABLES.items():
        lines = list(derive(folder))
        with (_HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            out.writelines(f"# source: {source}\n" for source in sources)
            out.write(f"# {_OGL}\n")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(lines)
        sys.stdout.write(f"{name}: {len(lines)} lines\n")


if __name__ == "__main__":
    main()
