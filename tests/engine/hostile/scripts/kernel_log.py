#: what = "Reads what the host's kernel has logged."
#: guard = "the filter, and a right that it lacks"
import ctypes

from attack import call, tried

tried("the kernel's log", call, "syslog", 3, ctypes.create_string_buffer(4096), 4096)
tried("its device", open, "/dev/kmsg", "rb")
