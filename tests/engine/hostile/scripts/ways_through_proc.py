#: what = "Looks for the host's files through /proc, /dev and its own descriptors."
#: guard = "the root of its own, and a /proc of its own processes"
import os

from attack import TARGETS, tried

secret = TARGETS["open_secret"]
for start in ("/proc/1/root", "/proc/self/root/..", "/proc/1/cwd/../..", "/dev/fd/../../.."):
    tried(start, open, start + secret, "rb")
for path in ("/dev/mem", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/dev/net/tun"):
    tried(path, os.open, path, os.O_RDWR)
for name in os.listdir("/proc/self/fd"):
    tried(f"above {name}", open, f"/proc/self/fd/{name}/../../../../../..{secret}", "rb")
