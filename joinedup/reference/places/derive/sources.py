"""Reading published files, and which integrated care board each old area and trust belongs to.

Boards are named by their ODS code (`QR1`). Areas of 2018 (clinical commissioning groups) and
trusts that have merged since are given to the board of today's map that holds them.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

__all__ = ["BOARD_OF_AREA", "boards", "boards_of_districts", "number", "read", "trust_boards"]

_AREAS = {
    "QRV": "Brent|Central London (Westminster)|Ealing|Hammersmith and Fulham|Harrow|Hillingdon|"
    "Hounslow|West London",
    "QMJ": "Barnet|Camden|Enfield|Haringey|Islington",
    "QMF": "Barking and Dagenham|City and Hackney|Havering|Newham|Redbridge|Tower Hamlets|"
    "Waltham Forest",
    "QKK": "Bexley|Bromley|Greenwich|Lambeth|Lewisham|Southwark",
    "QWE": "Croydon|Kingston|Merton|Richmond|Sutton|Wandsworth",
    "QYG": "Eastern Cheshire|Halton|Knowsley|Liverpool|South Cheshire|South Sefton|"
    "Southport and Formby|St Helens|Vale Royal|Warrington|West Cheshire|Wirral",
    "QWO": "Airedale, Wharfedale and Craven|Bradford City|Bradford Districts|Calderdale|"
    "Greater Huddersfield|North Kirklees|Wakefield|Leeds",
    "QF7": "Barnsley|Doncaster|Rotherham|Sheffield",
    "QT1": "Bassetlaw|Mansfield and Ashfield|Newark and Sherwood|Nottingham City|"
    "Nottingham North and East|Nottingham West|Rushcliffe",
    "QOQ": "East Riding of Yorkshire|Hambleton, Richmondshire and Whitby|"
    "Harrogate and Rural District|Hull|North East Lincolnshire|North Lincolnshire|"
    "Scarborough and Ryedale|Vale of York",
    "QHM": "Darlington|Durham Dales, Easington and Sedgefi|Hartlepool and Stockton-on-Tees|"
    "North Durham|North Tyneside|Northumberland|South Tees|South Tyneside|Sunderland|"
    "Newcastle Gateshead|North Cumbria",
    "QHG": "Bedfordshire|Luton|Milton Keynes",
    "QM7": "East and North Hertfordshire|Herts Valleys|West Essex",
    "QK1": "East Leicestershire and Rutland|Leicester City|West Leicestershire",
    "QJM": "Lincolnshire East|Lincolnshire West|South Lincolnshire|South West Lincolnshire",
    "QPM": "Corby|Nene",
    "QH8": "Basildon and Brentwood|Castle Point and Rochford|Mid Essex|Southend|Thurrock",
    "QUE": "Cambridgeshire and Peterborough",
    "QMM": "Great Yarmouth and Waveney|North Norfolk|West Norfolk|Norwich|South Norfolk",
    "QJG": "Ipswich and East Suffolk|North East Essex|West Suffolk",
    "QNC": "Cannock Chase|East Staffordshire|North Staffordshire|"
    "South East Staffordshire and Seisdo|Stafford and Surrounds|Stoke on Trent",
    "QJ2": "Erewash|Hardwick|North Derbyshire|Southern Derbyshire",
    "QOC": "Shropshire|Telford and Wrekin",
    "QWU": "Coventry and Rugby|South Warwickshire|Warwickshire North",
    "QUA": "Dudley|Sandwell and West Birmingham|Walsall|Wolverhampton",
    "QGH": "Herefordshire|Redditch and Bromsgrove|South Worcestershire|Wyre Forest",
    "QHL": "Birmingham and Solihull",
    "QOP": "Bolton|Bury|Heywood, Middleton and Rochdale|Oldham|Salford|Stockport|"
    "Tameside and Glossop|Trafford|Wigan Borough|Manchester",
    "QE1": "Blackburn with Darwen|Blackpool|Chorley and South Ribble|East Lancashire|"
    "West Lancashire|Fylde and Wyre|Greater Preston|Morecambe Bay",
    "QRL": "Fareham and Gosport|Isle of Wight|North Hampshire|Portsmouth|South Eastern Hampshire|"
    "Southampton|West Hampshire",
    "QNQ": "North East Hampshire and Farnham|Surrey Heath|East Berkshire",
    "QU9": "Oxfordshire|Berkshire West|Buckinghamshire",
    "QKS": "Ashford|Canterbury and Coastal|Dartford, Gravesham and Swanley|Medway|"
    "South Kent Coast|Swale|Thanet|West Kent",
    "QNX": "Brighton and Hove|Crawley|Eastbourne, Hailsham and Seaford|Hastings and Rother|"
    "High Weald Lewes Havens|Horsham and Mid Sussex|Coastal West Sussex",
    "QXU": "East Surrey|North West Surrey|Surrey Downs|Guildford and Waverley",
    "QOX": "Bath and North East Somerset|Swindon|Wiltshire",
    "QR1": "Gloucestershire",
    "QUY": "Bristol, North Somerset and South G",
    "QVV": "Dorset",
    "QT6": "Kernow",
    "QJK": "Northern, Eastern and Western Devon|South Devon and Torbay",
    "QSL": "Somerset",
}
# Trusts that had gone, or had no A&E of their own, by 2021, and the board that holds them now.
_TRUSTS = {
    "RLU": "QHL", "RR1": "QHL", "RRJ": "QHL", "RA3": "QUY", "RVJ": "QUY", "RA4": "QSL",
    "RBA": "QSL", "RE9": "QHM", "RLN": "QHM", "RNL": "QHM", "RBZ": "QJK", "RGQ": "QJG",
    "RQQ": "QUE", "RGM": "QUE", "RDD": "QH8", "RQ8": "QH8", "RM2": "QOP", "RW3": "QOP",
    "RW6": "QOP", "RC1": "QHG", "RAP": "QMJ", "RP4": "QMJ", "RPY": "QWE", "RT3": "QRV",
    "RQ6": "QYG", "RVY": "QYG", "REN": "QYG", "RJF": "QJ2", "RXH": "QNX", "RD3": "QVV",
    "RDZ": "QVV",
}  # fmt: skip
BOARD_OF_AREA = {area: board for board, names in _AREAS.items() for area in names.split("|")}


def read(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a published file, compressed or not."""
    path = folder / name
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
        yield from csv.DictReader(text)


def number(text: str | None) -> float | None:
    """Return a figure, or None where none is given."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if found == found else None


def boards(folder: Path) -> dict[str, tuple[str, str]]:
    """Return (ODS code, name) of each of the 42 boards by its ONS code."""
    rows = read(folder, "00_lookups/icb22_codes.csv")
    return {r["icb22_code"]: (r["icb22_code_h"], r["icb22_name"]) for r in rows}


def boards_of_districts(folder: Path) -> dict[str, dict[str, float]]:
    """Return what share of each district lies in which board, by its small areas (LSOAs)."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for r in read(folder, "00_lookups/ltla22_to_icb22.csv"):
        found[r["ltla22_code"]][r["icb22_code_h"]] = float(r["lsoas"])
    return {
        code: {board: n / sum(shares.values()) for board, n in shares.items()}
        for code, shares in found.items()
    }


def trust_boards(folder: Path) -> dict[str, str]:
    """Return the board in whose area each trust stands."""
    found = dict(_TRUSTS)
    for r in read(folder, "02_urgent_care_beds/dim_org.csv"):
        board = r["icb_code_2022"] or r["icb_code"]
        if board:
            found[r["org_code"]] = board
    return found
