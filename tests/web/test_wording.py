from django.template import Context, Template


def test_a_title_stands_inside_a_sentence() -> None:
    page = Template("{% load wording %}Or: {{ title|lower_first }}, {{ nothing|lower_first }}.")

    assert page.render(Context({"title": "Take it", "nothing": ""})) == "Or: take it, ."
