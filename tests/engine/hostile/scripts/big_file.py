#: what = "Writes a file larger than it may."
#: attacks = "file-size"
#: policy = {file_bytes = 4194304}
from attack import tried


def write():
    with open("/tmp/big", "wb", buffering=0) as file:
        for _ in range(8):
            file.write(bytes(1 << 20))


tried("8 MiB", write)
