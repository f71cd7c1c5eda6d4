#: what = "Writes into the environment and the interpreter that later runs use."
#: attacks = "read-only"
import json
import os
import sys

from attack import tried

for path in (
    *("/env/site/sitecustomize.py", "/env/site/evil.pth", "/env/site/library.py"),
    *(
        "/env/site/__pycache__/library.pyc",
        f"{sys.prefix}/lib/evil.py",
        os.__file__,
        json.__spec__.cached,
    ),
    *("/usr/bin/evil", "/repro/evil", "/repro/reproducers/engine/inside/first.py", "/etc/passwd"),
    *("/new", "/dev/new", "/work/script.py", sys.executable),
):
    tried(path, open, path, "ab")
tried("its times", os.utime, "/env/site/library.py", (1, 1))
tried("its mode", os.chmod, "/env/site/library.py", 0o777)
tried("removing it", os.unlink, "/env/site/library.py")
