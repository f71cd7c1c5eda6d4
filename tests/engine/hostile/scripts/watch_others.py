#: what = "Sees by inotify when others use the files that all sandboxes share."
#: attacks = "watching"
import os
import select

from attack import call, harm

try:
    watch = call("inotify_init1", 0)
except OSError as error:
    print("refused:", error.strerror)
else:
    call("inotify_add_watch", watch, b"/env/site", 0x20)
    if select.select([watch], [], [], 10)[0]:
        harm("somebody opened " + os.read(watch, 4096)[16:].strip(b"\0").decode())
