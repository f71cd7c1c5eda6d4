#: what = "Has every descriptor open when it fails, so that nobody could write down why."
#: guard = "some are kept back for that"
#: policy = {open_files = 128}
#: safe = {verdict = "reproduced", symptom = "exception", says = "It raised OSError: [Errno 24]"}
kept = []
while True:
    kept.append(open("/dev/null"))
