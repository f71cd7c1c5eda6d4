#: what = "Becomes more urgent than the host itself."
#: attacks = "priority"
import os

from attack import harm, tried

tried("being nicer to itself", os.setpriority, os.PRIO_PROCESS, 0, -5)
tried("real time", os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(1))
with open("/proc/self/oom_score_adj") as file:
    if int(file.read()) < 500:
        harm("others go first when memory is short")
