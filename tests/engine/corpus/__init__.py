"""Real bugs of Dask, each put as its reporter would."""
