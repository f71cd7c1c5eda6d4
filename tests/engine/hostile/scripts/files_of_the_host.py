#: what = "Reads files of the host that any of its users may read."
#: attacks = "host-files"
from attack import TARGETS, tried

for path in (TARGETS["open_secret"], "/etc/hostname", "/etc/machine-id", "/etc/shadow"):
    tried(path, open, path, "rb")
for path in ("/root", "/home", "/var/log", "/run", "/sys/kernel", "/boot"):
    tried(path, __import__("os").listdir, path)
