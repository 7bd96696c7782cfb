#!/usr/bin/python3
"""Network namespaces of one process: every suite has all addresses and ports for itself.

    namespace.py --address 192.0.2.10 --address 2001:db8::10 -- command arguments...

runs a command inside a fresh namespace, with or without root.
"""

from __future__ import annotations

import argparse
import ctypes
import ipaddress
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
IP_PATHS = "/usr/sbin:/sbin:/usr/bin:/bin"

_libc = ctypes.CDLL(None, use_errno=True)


def enter(
    addresses: Iterable[str] = (),
    everything_local: bool = False,
    ip_versions: Sequence[int] = (4, 6),
) -> None:
    """Moves this process (of one thread) to a new network namespace with `addresses` on lo.

    Without root a user namespace comes with it, where the kernel lets it. With
    `everything_local` all other addresses are this host too, so that their ports refuse. An IP
    version that is not listed does not exist there.
    Raises OSError where namespaces are forbidden or `ip` (iproute2) is missing.
    """
    try:
        _unshare(CLONE_NEWNET)
    except PermissionError:
        _enter_user_namespace()
    if 6 not in ip_versions:
        Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1", encoding="ascii")
    configure_loopback(addresses, everything_local, ip_versions)


def configure_loopback(
    addresses: Iterable[str], everything_local: bool, ip_versions: Sequence[int] = (4, 6)
) -> None:
    commands = ["link set lo up"]
    for address in sorted({ipaddress.ip_address(text) for text in addresses}, key=str):
        if address.version not in ip_versions:
            continue
        if address.is_loopback and address.version == 4:
            continue  # 127.0.0.0/8 comes with lo
        if str(address) == "::1":
            continue
        if address.version == 6 and address.ipv4_mapped is not None:
            continue  # nobody has it: the packets go to the IPv4 address
        duplicate_detection = " nodad" if address.version == 6 else ""
        commands.append(f"address add {address} dev lo{duplicate_detection}")
    if everything_local:
        everywhere = {4: "0.0.0.0/0", 6: "::/0"}
        commands += [f"route add local {everywhere[version]} dev lo" for version in ip_versions]
    subprocess.run(
        ["ip", "-batch", "-"],
        input="\n".join(commands) + "\n",
        env={"PATH": IP_PATHS},
        text=True,
        check=True,
    )


def filter_packets(rules: Sequence[str]) -> None:
    """Rules of nftables for what arrives at this namespace."""
    lines = ["table inet lab {", "chain arriving {", "type filter hook input priority 0;"]
    subprocess.run(
        ["nft", "--file", "-"],
        input="\n".join([*lines, *rules, "}", "}"]) + "\n",
        env={"PATH": IP_PATHS},
        text=True,
        check=True,
    )


def die_with_parent(signal_number: int) -> None:
    """Has the kernel send this process a signal when its parent thread ends."""
    if _libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _enter_user_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    _unshare(CLONE_NEWUSER | CLONE_NEWNET)
    for path, content in (
        ("setgroups", "deny"),
        ("uid_map", f"0 {user} 1"),
        ("gid_map", f"0 {group} 1"),
    ):
        with open(f"/proc/self/{path}", "w", encoding="ascii") as file:
            file.write(content)


def _unshare(flags: int) -> None:
    if _libc.unshare(flags) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"unshare: {os.strerror(error)}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="run a command in a fresh network namespace")
    parser.add_argument("--address", action="append", default=[], help="an address for lo")
    parser.add_argument("--everything-local", action="store_true", help="all addresses are lo's")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    enter(options.address, options.everything_local)
    os.execvp(options.command[0], options.command)


if __name__ == "__main__":
    main()
