#: what = "Ends with the status by which a crash is told, without one."
#: attacks = "first-process"
#: safe = {verdict = "reproduced", symptom = "crash", kind = "exit"}
#: harm = {kind = "SIGSEGV"}
import os

os._exit(139)
