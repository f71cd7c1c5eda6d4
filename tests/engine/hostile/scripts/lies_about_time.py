#: what = "Says that it began in the future, so that it took no time."
#: guard = "its own clock counts within what ours has seen"
#: safe = {verdict = "clean"}
import json

with open("/output/started.json", "w") as file:
    json.dump({"monotonic": 1e300}, file)
