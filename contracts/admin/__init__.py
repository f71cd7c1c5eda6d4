"""The admin of contracts. Saving calls the verbs of the domain; nothing goes round them."""

from contracts.admin import contracts, organizations, people, service_levels

__all__ = ["contracts", "organizations", "people", "service_levels"]
