"""Lines over time as SVG, with the table behind them."""

from typing import Any

from django import template

from web.plots import Plot, draw

register = template.Library()


@register.inclusion_tag("_plot.html")
def plot(drawn: Plot, number: int, *, table: bool = True) -> dict[str, Any]:
    """The page's plot of that number; `table` says whether the numbers stand below."""
    names = [line.name for line in drawn.lines]
    return {"plot": draw(drawn), "names": names, "id": f"plot-{number}", "table": table}
