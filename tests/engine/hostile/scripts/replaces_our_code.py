#: what = "Replaces the code of ours that runs in its own process."
#: guard = "the host believes nothing that the script's own process says"
#: safe = {verdict = "reproduced"}
import builtins
import gc
import os
import sys

for name, module in list(sys.modules.items()):
    if name.startswith("reproducers."):
        for attribute in ("record", "show", "write", "run"):
            setattr(module, attribute, lambda *rest: os._exit(0) if 0 else None)
sys.excepthook = lambda *rest: print("clean")
builtins.exit = sys.exit
gc.disable()
raise SystemExit(3)
