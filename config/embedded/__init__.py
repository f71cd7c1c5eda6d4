"""PostgreSQL and Redis from the wheels, as our own child processes on private sockets.

The wheels' Python sides are not used: they start servers on import, leave them behind, and as
root open every parent folder of the data for reading. Their programs are fine.
"""
