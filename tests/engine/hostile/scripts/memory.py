#: what = "Takes more memory than it may."
#: attacks = "memory"
#: policy = {memory_bytes = 268435456}
#: safe = {verdict = "limit"}
from attack import harm

kept = [b"x" * (1 << 20) for _ in range(320)]
harm(f"{len(kept)} MiB")
