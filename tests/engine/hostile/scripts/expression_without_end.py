#: what = "Prints what the reporter's own expression takes for ever to search."
#: guard = "the search is a process with bounds of its own"
#: job = {match = "(a+)+$"}
#: safe = {verdict = "limit"}
print("a" * 60 + "b")
