"""Settings, URLs, processes and engines: the only place that knows every app."""
