#: what = "Calls the kernel by the numbers of another architecture, which the filter does not know."
#: attacks = "foreign-code"
#: machine = "x86_64"
import ctypes
import mmap
import signal

from attack import harm, in_child

page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
status = in_child(ctypes.CFUNCTYPE(ctypes.c_int)(address))
if status not in (signal.SIGSYS, signal.SIGSYS | 0x80):
    harm(f"the kernel answered: {status}")
