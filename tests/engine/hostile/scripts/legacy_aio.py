#: what = "Takes what all users of the host together have of asynchronous I/O."
#: attacks = "kernel-calls"
import ctypes

from attack import call, tried

tried("32768 events", call, "io_setup", 32768, ctypes.byref(ctypes.c_ulong(0)))
