#: what = "Writes JSON that is deep, huge, and full of numbers that are none."
#: guard = "what comes out is parsed with bounds on size, depth and numbers"
#: policy = {timeout_seconds = 30.0}
#: safe = {verdict = "reproduced", symptom = "crash", kind = "exit"}
import os

FACTS = {
    "exception.json": '{"chain": ' + "[" * 400_000,
    "started.json": '{"monotonic": ' + "9" * 900 + "}",
    "warnings.jsonl": '{"category": '
    + '{"a":' * 100_000
    + "\n"
    + '{"category": "\ud800"}\n' * 9000,
    "observer-1.jsonl": '{"role": "scheduler", "at": NaN, "states": {"x": 1e999}}\n' * 20_000,
    "observer-2.jsonl": '{"role": "worker", "at": -Infinity, "address": []}\n' * 20_000,
    "observer-3.jsonl": "[" * 2_000_000,
    "observer-4.jsonl": '{"role": "scheduler", "transitions": ' + "9" * 4000 + "}\n",
    "observer-5.jsonl": "\n" * 2_000_000,
    "result.json": '{"a": ' * 200_000,
    "process-1.json": "[[[[" * 200_000,
    "state-1.json": '{"a": ' * 200_000,
    "stacks-1.txt": "File " * 400_000,
}
for name, content in FACTS.items():
    with open(f"/output/{name}", "w", errors="surrogatepass") as file:
        file.write(content)
os._exit(7)
