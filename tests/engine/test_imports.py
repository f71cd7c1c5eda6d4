"""What a script without metadata needs is told from what it imports."""

from reproducers.engine.imports import IMPORTS, distributions


def test_the_standard_library_and_dask_itself_need_nothing() -> None:
    assert distributions(["os", "json", "dask", "distributed", "numpy", "__future__"]) == ()


def test_names_that_differ_from_their_distribution_are_known() -> None:
    assert distributions(["sklearn", "yaml", "PIL", "cv2"]) == (
        "opencv-python-headless",
        "pillow",
        "scikit-learn",
    )


def test_other_names_are_taken_as_they_are() -> None:
    assert distributions(["xarray", "dask_ml", "xarray"]) == ("dask-ml", "xarray")


def test_names_that_cannot_be_distributions_are_left_out() -> None:
    assert distributions(["_private", "größe"]) == ()


def test_their_number_is_bounded() -> None:
    assert len(distributions(f"package{number}" for number in range(500))) == IMPORTS
