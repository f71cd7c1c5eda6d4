#: what = "Reads what the kernel shows to the host's root alone."
#: attacks = "slot-user"
from attack import tried

for path in ("/proc/slabinfo", "/proc/vmallocinfo", "/proc/pagetypeinfo", "/proc/kpagecount"):
    tried(path, open, path, "rb")
