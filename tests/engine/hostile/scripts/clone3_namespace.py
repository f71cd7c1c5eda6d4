#: what = "Hides the flags of a new namespace in memory, where no filter can look."
#: attacks = "namespaces"
import ctypes
import os

from attack import call, harm

wanted = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0)
try:
    child = call("clone3", wanted, ctypes.sizeof(wanted))
    if child == 0:
        os._exit(0)
    harm("a user namespace by clone3")
except OSError as error:
    print("refused:", error.strerror)
