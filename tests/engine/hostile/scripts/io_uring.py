#: what = "Sets up io_uring, the part of the kernel that is broken most often."
#: attacks = "kernel-calls"
import ctypes

from attack import call, tried

tried("io_uring", call, "io_uring_setup", 4, ctypes.create_string_buffer(120))
