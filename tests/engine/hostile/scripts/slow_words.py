#: what = "Raises messages that make careless expressions backtrack, a thousand deep."
#: guard = "our own expressions take linear time, over bounded text"
#: safe = {verdict = "reproduced", symptom = "exception"}
text = ("0x" + "a" * 3000 + " " + "/" * 2000 + "<" * 500 + "'" * 700 + "-1." * 900 + "\n") * 9
error = ValueError(text)
for number in range(50):
    error, cause = type("E" * 5000, (Exception,), {})(text[number:]), error
    error.__cause__ = cause
raise error
