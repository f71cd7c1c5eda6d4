#: what = "Types into the terminal that it controls, as it would into the one of who started it."
#: attacks = "terminals"
import fcntl
import os

from attack import harm, in_child, tried

master, slave = os.openpty()


def type_in():
    os.setsid()
    fcntl.ioctl(slave, 0x540E, 0)
    fcntl.ioctl(slave, 0x5412, b"x")


if in_child(type_in) == 0:
    harm("a character was typed")
tried("a line discipline", fcntl.ioctl, slave, 0x5423, b"\0\0\0\0")
tried("the terminal of who started it", open, "/dev/tty", "w")
