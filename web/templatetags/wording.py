"""Small changes to words."""

from django import template

register = template.Library()


@register.filter
def lower_first(words: str) -> str:
    """The words as they stand inside a sentence."""
    return words[:1].lower() + words[1:]
