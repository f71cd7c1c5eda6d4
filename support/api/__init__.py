"""The support part of `/api/v1/`: tickets, messages, verdicts, and clocks without a ticket."""
