import re

from django.template import Context, Template

from web.strip import Mark, State, draw


def marks(**states: State) -> list[Mark]:
    """`_2024_3_0="seen"` is release 2024.3.0."""
    return [
        Mark(release=name.strip("_").replace("_", "."), state=state)
        for name, state in states.items()
    ]


def test_every_year_is_a_line_that_asks_for_room_by_its_releases() -> None:
    years = draw(marks(_2023_1_0="clean", _2024_1_0="untried", _2024_2_0="seen"))

    assert [(y.year, y.width, y.rest, y.height) for y in years] == [
        ("2023", 16, 16, 20),
        ("2024", 32, 0, 20),
    ]
    assert [m.middle for m in years[1].marks] == ["25%", "75%"]
    assert [m.colour for m in years[1].marks] == ["u", "r"]


def test_nothing_tried_draws_nothing() -> None:
    assert draw([]) == []


def test_the_band_covers_what_lies_between_two_reproduced_releases() -> None:
    (year,) = draw(
        marks(
            _2024_1_0="untried",
            _2024_2_0="seen",
            _2024_3_0="cannot",
            _2024_4_0="seen",
            _2024_5_0="untried",
        )
    )

    assert [(b.left, b.width) for b in year.bands] == [("20%", "60%")]


def test_a_clean_release_ends_the_band() -> None:
    (year,) = draw(
        marks(_2024_1_0="seen", _2024_2_0="untried", _2024_3_0="clean", _2024_4_0="seen")
    )

    assert [(b.left, b.width) for b in year.bands] == [("0%", "25%"), ("75%", "25%")]


def test_labels_that_would_touch_stand_in_rows() -> None:
    (year,) = draw(
        marks(_2024_1_0="seen", _2024_2_0="seen", _2024_3_0="untried"),
        {"2024.1.0": "came with 2024.1.0", "2024.2.0": "Acme runs 2024.2.0"},
    )

    assert [(label.text, label.y, label.anchor) for label in year.labels] == [
        ("came with 2024.1.0", 38, "start"),
        ("Acme runs 2024.2.0", 58, "start"),
    ]
    assert year.height == 60


def test_labels_with_room_share_a_row() -> None:
    many = [Mark(release=f"{year}.{n}.0") for year in (2023, 2024) for n in range(1, 20)]

    years = draw(many, {"2023.1.0": "came with 2023.1.0", "2024.1.0": "gone in 2024.1.0"})

    assert [label.y for year in years for label in year.labels] == [38, 38]


def test_a_label_near_the_right_edge_runs_to_the_left() -> None:
    many = [Mark(release=f"2024.{n}.0") for n in range(1, 21)]

    (year,) = draw(many, {"2024.2.0": "reported 2024.2.0", "2024.19.0": "newest 2024.19.0"})

    assert [label.anchor for label in year.labels] == ["start", "end"]


def test_a_label_that_fits_on_neither_side_stands_in_the_middle() -> None:
    many = [Mark(release=f"2024.{n}.0") for n in range(1, 21)]

    (year,) = draw(many, {"2024.9.0": "reported, which takes room"})

    assert [label.anchor for label in year.labels] == ["middle"]


def test_the_strip_opens_what_a_mark_stands_for_and_escapes_what_it_says() -> None:
    page = Template("{% load releases %}{% release_strip marks labels %}")
    tried = Mark(
        release="2024.3.0", state="seen", said="reproduced, 3 of 3 runs", href="#trial-2024.3.0"
    )

    html = page.render(
        Context({"marks": [tried, Mark(release="2024.4.0")], "labels": {"2024.3.0": "<b>A&B"}})
    )

    assert '<a href="#trial-2024.3.0" tabindex="-1" class="r">' in html
    assert "<title>2024.3.0: reproduced, 3 of 3 runs</title>" in html
    assert "<title>2024.4.0: not tried</title>" in html
    assert "&lt;b&gt;A&amp;B" in html
    assert not re.search(r"\sstyle=", html)
