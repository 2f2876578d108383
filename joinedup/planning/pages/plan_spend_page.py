"""The page of where a pound is best spent: the last answer of `joinedup plan spend`, drawn."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from markupsafe import Markup

from joinedup.planning.pages.views import may_plan
from joinedup.web.layout import render

__all__ = ["plan_spend"]


@require_safe
def plan_spend(request: HttpRequest) -> HttpResponse:
    """Return plans beside each other, ranks with whiskers, tiles, and who is helped."""
    may_plan(request)
    # Imported when first asked for: a server whose place never plans loads no simulator.
    from joinedup.planning.allocation.groups import NOT_KNOWN, by_deprivation, by_years
    from joinedup.planning.allocation.kept import kept_answer
    from joinedup.planning.allocation.ranks import Interval, Ranked
    from joinedup.planning.pages.drawn import draw_tiles
    from joinedup.planning.report.charts import draw_dots
    from joinedup.planning.scenarios.answers import Effect

    def effect(one: Interval) -> Effect:
        return Effect(one.mean, one.low, one.high, 0.0, 0.0)

    def dots(order: tuple[Ranked, ...]) -> Markup:
        drawn = draw_dots([(r.name, effect(r.value)) for r in order], "beds freed a day")
        return Markup(drawn)  # noqa: S704  # every name in it is escaped as it is written

    spend = kept_answer(Path(settings.JOINEDUP_HOME) / "spend")
    context: dict[str, object] = {"title": "Where a pound is best spent", "s": spend}
    if spend is not None:
        context |= {
            "kinds": dots(spend.kinds),
            "places": dots(spend.places),
            "tiles": Markup(draw_tiles(spend.lots)),  # noqa: S704  # names escaped
            "thirds": by_deprivation(spend.lots),
            "years": by_years(spend),
            "not_known": NOT_KNOWN,
            "added": sum(one.added_up for one in spend.checked),
            "played": sum(one.played.mean for one in spend.checked),
        }
    return render(request, "planning/spend.jinja", context, here="plan")
