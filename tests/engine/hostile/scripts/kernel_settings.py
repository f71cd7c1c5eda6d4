#: what = "Writes settings of the host's kernel."
#: attacks = "read-only"
from attack import tried

for name in (
    "kernel/core_pattern",
    "kernel/hostname",
    "vm/overcommit_memory",
    "net/core/somaxconn",
):
    tried(name, open, f"/proc/sys/{name}", "w")
for name in ("sysrq-trigger", "self/oom_score_adj", "self/uid_map", "1/oom_score_adj"):
    tried(name, open, f"/proc/{name}", "w")
