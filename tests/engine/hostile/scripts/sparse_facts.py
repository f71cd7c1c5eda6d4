#: what = "Leaves files that claim to be huge."
#: guard = "what a file claims to have counts, and large ones are left out"
#: safe = {verdict = "clean"}
import os

for name in ("exception.json", "warnings.jsonl", "observer-1.jsonl"):
    with open(f"/output/{name}", "wb") as file:
        os.truncate(file.fileno(), 900 << 20)
