"""Shapes of states: a symbol of the sprite, always beside its word."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SHAPES = frozenset(
    {"late", "soon", "seen", "clean", "cannot", "untried", "due", "run", "pause", "met", "missed"}
)


@register.simple_tag
def shape(name: str) -> SafeString:
    """The symbol called `name`, hidden from screen readers: the word beside it says the same."""
    if name not in SHAPES:
        raise template.TemplateSyntaxError(f"There is no shape {name!r}.")
    return format_html('<svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>', name)
