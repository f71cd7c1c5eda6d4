#: what = "Reads what the kernel tells of the host: its boot line, symbols, keys, locks."
#: attacks = "kernel-files"
from attack import tried

for name in ("cmdline", "keys", "kallsyms", "interrupts", "locks", "modules", "config.gz"):
    tried(name, open, f"/proc/{name}", "rb")
