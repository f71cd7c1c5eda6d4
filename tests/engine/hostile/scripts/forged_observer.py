#: what = "Writes what the observer would write of a deadlocked cluster, and ends well."
#: guard = "exit status 0 is clean, whatever the script wrote"
#: safe = {verdict = "clean"}
import json
import time

facts = {"role": "scheduler", "address": "tcp://x", "transitions": 7, "states": {"processing": 9}}
for name in (
    "observer-scheduler-1.jsonl",
    "observer-worker-1.jsonl",
    "stacks-1.txt",
    "state-1.json",
):
    with open(f"/output/{name}", "w") as file:
        for second in range(100):
            file.write(json.dumps({**facts, "at": time.time() - 100 + second}) + "\n")
