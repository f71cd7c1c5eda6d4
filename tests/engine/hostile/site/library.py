"""A library that an honest script imports."""

ANSWER = 42
