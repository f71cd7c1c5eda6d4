#: what = "Opens more files than it may."
#: attacks = "open-files"
#: policy = {open_files = 128}
import resource

from attack import harm, tried

kept = []


def take():
    for _ in range(200):
        kept.append(open("/dev/null"))


tried("200 files", take)
kept.clear()
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    harm("a higher limit")
except ValueError as error:
    print("refused:", error)
