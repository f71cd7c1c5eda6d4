"""Lines over time as SVG, with the table behind them."""

from typing import Any

from django import template

from web.plots import Plot, draw

register = template.Library()


@register.inclusion_tag("_plot.html")
def plot(drawn: Plot, *, id: str, table: bool = True) -> dict[str, Any]:
    """`id` is one that the page has no other of; `table` says whether the numbers stand below."""
    names = [line.name for line in drawn.lines]
    return {"plot": draw(drawn), "names": names, "id": id, "table": table}
