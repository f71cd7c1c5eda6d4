"""The commands of `repro`, a module each; `reproducers/cli.py` puts them together."""
