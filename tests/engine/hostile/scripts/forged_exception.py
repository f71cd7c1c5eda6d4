#: what = "Writes down an exception of Dask's that there never was, and ends well."
#: guard = "exit status 0 is clean, whatever the script wrote"
#: safe = {verdict = "clean"}
import json

link = {"type": "KilledWorker", "module": "distributed.scheduler", "message": "x", "frames": []}
with open("/output/exception.json", "w") as file:
    json.dump({"schema": 1, "chain": [link], "traceback": "x"}, file)
