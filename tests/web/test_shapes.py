import re
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError

from web.templatetags.shapes import SHAPES


def test_a_shape_is_a_symbol_that_screen_readers_skip() -> None:
    html = Template('{% load shapes %}{% shape "late" %}').render(Context())

    assert html == '<svg class="g" aria-hidden="true"><use href="#g-late"/></svg>'


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="no shape 'smile'"):
        Template('{% load shapes %}{% shape "smile" %}').render(Context())


def test_the_sprite_holds_every_shape() -> None:
    sprite = Path(__file__).parents[2] / "templates" / "_sprite.html"

    assert set(re.findall(r'id="g-(\w+)"', sprite.read_text())) == SHAPES
