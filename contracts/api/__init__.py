"""The contracts part of `/api/v1/`: who am I, organizations, projects, tokens."""
