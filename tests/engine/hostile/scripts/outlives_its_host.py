#: what = "Goes on when the service that has started it is killed."
#: attacks = "end-with-host"
#: alone = true
#: policy = {timeout_seconds = 60.0}
import time

time.sleep(30)
