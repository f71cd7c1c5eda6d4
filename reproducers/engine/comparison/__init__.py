"""What a script shows, compared with what it shows elsewhere: on another release, or in one thread.

`results` and `measures` decide, purely; `controls` runs what they compare.
"""
