#: what = "Crashes, so that the host's crash reporter gets its memory as root."
#: attacks = "core-dumps"
import ctypes
import os
import resource

from attack import harm, in_child

if resource.getrlimit(resource.RLIMIT_CORE) != (1, 1):
    harm("cores are written")
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
if os.WCOREDUMP(in_child(ctypes.string_at, 0)):
    harm("a core was handed over")
