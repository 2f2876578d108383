"""The page of the next fortnight: the last forecast of each place, and how those before it did."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from markupsafe import Markup

from joinedup.planning.pages.views import may_plan
from joinedup.web.layout import render

__all__ = ["plan_fortnight"]

_WEEK = 6


@require_safe
def plan_fortnight(request: HttpRequest) -> HttpResponse:
    """Return every place's last forecast with its table, and its scores; figures alone."""
    may_plan(request)
    # Imported when first asked for: a server whose place never plans loads no simulator.
    from joinedup.planning.forecast.stored import counts_of, kept, newest, past_scores
    from joinedup.planning.pages.drawn import draw_fortnight

    folder = Path(settings.JOINEDUP_HOME) / "forecasts"
    told = []
    for one in newest(folder):
        every = kept(folder, one.place)
        measures = [
            {
                "name": name,
                "m": measured,
                "days": list(zip(measured.fan.days, measured.fan.quantiles, strict=True)),
                "week": [measured.fan.at(chance)[_WEEK] for chance in (0.5, 0.05, 0.95)],
                "drawn": Markup(draw_fortnight(measured, name)),  # noqa: S704  # values escaped
            }
            for name, measured in one.measures.items()
        ]
        past = past_scores(every, counts_of(every))
        told.append({"forecast": one, "measures": measures, "past": past})
    context = {"title": "The next fortnight", "told": told}
    return render(request, "planning/fortnight.jinja", context, here="plan")
