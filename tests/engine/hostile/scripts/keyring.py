#: what = "Leaves a key in a keyring of the kernel, where the next in the slot would find it."
#: attacks = "kernel-calls"
from attack import call, tried

tried("a key", call, "add_key", b"user", b"headwater", b"secret", 6, -3)
tried("the session's keys", call, "keyctl", 0, -3, 0)
