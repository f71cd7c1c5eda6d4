#: what = "Reads the memory of the process that tells how the script has ended."
#: guard = "the filter, and that process 1 is not dumpable"
import ctypes

from attack import call, tried

tried("attaching to process 1", call, "ptrace", 16, 1, 0, 0)
pair = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 8)
tried("reading its memory", call, "process_vm_readv", 1, pair, 1, pair, 1, 0)
tried("its memory as a file", open, "/proc/1/mem", "r+b")
