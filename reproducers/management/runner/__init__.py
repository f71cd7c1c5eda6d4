"""The runner process: takes trials that are ready and has each run in a child."""
