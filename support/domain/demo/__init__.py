"""The demonstration: what the product looks like after half a year of use, all of it invented."""

from support.domain.demo.filling import DatabaseNotEmpty, fill_demo

__all__ = ["DatabaseNotEmpty", "fill_demo"]
