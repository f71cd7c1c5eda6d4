#: what = "Mounts what it likes over what it sees."
#: attacks = "namespaces"
from attack import call, harm, in_child, tried


def mount():
    call("unshare", 0x10020000)
    call("mount", b"/usr", b"/tmp", b"", 0x5000, b"")


if in_child(mount) == 0:
    harm("a folder was mounted")
tried("a mount's copy", call, "open_tree", -100, b"/usr", 1)
tried("a new filesystem", call, "fsopen", b"tmpfs", 0)
tried("another root", call, "chroot", b"/tmp")
