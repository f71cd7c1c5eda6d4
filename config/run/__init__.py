"""`make run`: engines, then the database, then web, worker, beat and runner, under supervisord."""
