#: what = "Puts what steers a terminal and a browser into the name and text of an exception."
#: guard = "decoded, bounded, and escaped where it is shown"
#: safe = {verdict = "reproduced", symptom = "exception"}
import sys

STEERING = "\x1b]0;owned\x07\x1b[2J\x1b[1;31m\x9b31m\u202e<script>alert(1)</script>\r\n\0"
sys.stdout.buffer.write(STEERING.encode() + b"\xff\xfe" * 100)
raise type("\x1b[31mRed", (ValueError,), {})(STEERING)
