"""The database refuses, we say why: a violated constraint becomes an error of ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from web.errors import HeadwaterError


@contextmanager
def refusals(errors: Mapping[str, HeadwaterError]) -> Iterator[None]:
    """Do the block in one transaction; raise the error named for the constraint that it breaks.

    What the block did is undone then. A violation that is not named is raised as it is.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as violation:
        error = errors.get(constraint_name(violation))
        if error is None:
            raise
        raise error from violation


def constraint_name(violation: IntegrityError) -> str:
    """The name of the violated constraint or unique index; empty if PostgreSQL gave none."""
    diagnosis = getattr(violation.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
