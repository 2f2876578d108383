"""A report as one page of HTML that stands by itself: no script, nothing fetched from elsewhere."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from joinedup.planning.places import Place
from joinedup.planning.report.charts import draw_dots, draw_fan, draw_tornado
from joinedup.planning.report.results import Results
from joinedup.planning.report.stress import Section, sections
from joinedup.planning.report.words import beds, share, spread

__all__ = ["as_html", "as_part", "charts_of"]


def charts_of(results: Results) -> dict[str, str]:
    """Return the charts of a report by name, as SVG; those with nothing to draw are empty."""
    # One measure for all, or the eye would compare what is not alike.
    supply = all(one.by_supply for one in results.answers)
    freed = [(one.name, one.freed if supply else one.taken) for one in results.answers]
    unit = "beds freed a day" if supply else "beds taken less a day"
    waiting = [(one.name, one.waiting) for one in results.answers]
    return {
        "freed": draw_dots(freed, unit),
        "waiting": draw_dots(waiting, "people fewer waiting for a bed"),
        "in_use": draw_fan(results, "in_use"),
        "held": draw_fan(results, "held"),
        "tornado": draw_tornado(results.bars, "beds a day") if results.bars else "",
    }


def as_html(results: Results, place: Place) -> bytes:
    """Return the report of a scenario: headlines, charts each with its table, STRESS-DES."""
    stress: tuple[Section, ...] = sections(results, place)
    page = _templates().get_template("report.html.jinja")
    told = page.render(r=results, charts=charts_of(results), stress=stress, table=place.table())
    return told.encode()


def as_part(results: Results) -> str:
    """Return charts and tables of a scenario as a part of another page, all of it escaped."""
    return _templates().get_template("body.html.jinja").render(r=results, charts=charts_of(results))


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("joinedup.planning.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"beds": beds, "share": share, "spread": spread}
    return made
