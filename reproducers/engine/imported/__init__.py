"""Customers' environments, from what they can paste, to requirements of the one index.

file -> reading (which format) -> a Surroundings -> pinning (what the index has) -> wording
"""
