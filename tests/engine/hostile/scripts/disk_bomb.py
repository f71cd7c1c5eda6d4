#: what = "Fills the folders that it may write to."
#: attacks = "temporary-size"
#: policy = {temporary_bytes = 4194304}
from attack import tried


def fill(folder):
    with open(f"{folder}/big", "wb", buffering=0) as file:
        for _ in range(8):
            if file.write(bytes(1 << 20)) < 1 << 20:
                raise OSError("it is full")


for folder in ("/tmp", "/work", "/dev/shm"):
    tried(folder, fill, folder)
