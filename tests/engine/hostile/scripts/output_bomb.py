#: what = "Leaves more than anybody would keep."
#: attacks = "output-size"
#: policy = {output_bytes = 2097152}
from attack import tried


def fill():
    for number in range(4):
        with open(f"/output/observer-{number}.jsonl", "wb", buffering=0) as file:
            if file.write(b"x" * (1 << 20)) < 1 << 20:
                raise OSError("it is full")


tried("4 MiB", fill)
