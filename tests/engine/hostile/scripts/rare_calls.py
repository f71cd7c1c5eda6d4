#: what = "Asks for the parts of the kernel that holes are found in."
#: attacks = "kernel-calls"
import ctypes

from attack import call, tried

attributes = ctypes.create_string_buffer(120)
attributes[4] = 120
tried("a map of bpf", call, "bpf", 0, ctypes.create_string_buffer(b"\2\0\0\0\4", 72), 72)
tried("perf", call, "perf_event_open", attributes, 0, -1, -1, 0)
tried("userfaultfd", call, "userfaultfd", 1)
tried("memory that nobody else sees", call, "memfd_secret", 0)
tried("huge pages", call, "memfd_create", b"x", 4)
tried("a handle", call, "name_to_handle_at", -100, b"/usr", attributes, attributes, 0)
