#: what = "Sees by a lease and by dnotify when others use a file or folder."
#: attacks = "watching"
import fcntl
import os

from attack import tried

tried("dnotify", fcntl.fcntl, os.open("/env/site", os.O_RDONLY), fcntl.F_NOTIFY, 1)
with open("/tmp/own", "w") as own:
    tried("a lease", fcntl.fcntl, own, fcntl.F_SETLEASE, fcntl.F_WRLCK)
