#: what = "Learns in which cgroups the host runs it, and looks for a way out of them."
#: attacks = "cgroup-names"
import os

from attack import harm, tried

with open("/proc/self/cgroup") as file:
    if "headwater" in file.read():
        harm("the names of its cgroups")
tried("leaving its cgroup", open, "/sys/fs/cgroup/pids/cgroup.procs", "w")
tried("leaving it on v2", open, "/sys/fs/cgroup/cgroup.procs", "w")
tried("making one", os.mkdir, "/sys/fs/cgroup/mine")
