"""Without a cluster: it sleeps."""

import time

time.sleep(1000)
