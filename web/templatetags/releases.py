"""The strip of releases as SVG; the table behind it is the page's."""

from collections.abc import Mapping, Sequence

from django import template

from web.strip import Mark, Year, draw

register = template.Library()


@register.inclusion_tag("_strip.html")
def release_strip(
    marks: Sequence[Mark], labels: Mapping[str, str] | None = None
) -> dict[str, list[Year]]:
    """One mark a release in order of versions; `labels` maps releases to the words below them."""
    return {"years": draw(marks, labels)}
