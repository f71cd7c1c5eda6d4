#: what = "Takes more memory than it may, also when it is tried again with twice as much."
#: attacks = "memory"
#: policy = {memory_bytes = 268435456}
#: safe = {verdict = "limit"}
from attack import harm

kept = [b"x" * (1 << 20) for _ in range(600)]
harm(f"{len(kept)} MiB")
