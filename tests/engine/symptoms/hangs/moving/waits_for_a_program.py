"""It waits for another program."""

import subprocess
import sys

subprocess.run([sys.executable, "-c", "import time; time.sleep(1000)"], check=True)
