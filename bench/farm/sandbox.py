"""Private network, mount and process namespaces: nothing collides, nothing is left behind."""

import os
import resource
import subprocess
import sys
from pathlib import Path

_INSIDE = "FARM_SANDBOX"
# More ephemeral ports than the default: every check leaves its connections in TIME_WAIT.
_SYSCTLS = {"net/ipv4/ip_local_port_range": "10240 65000"}


def enter() -> None:
    """Starts the calling script again inside the sandbox; returns there only.

    The script is process 1 of its namespace: when it ends, however it ends, the kernel ends
    every server that it started.
    """
    if os.environ.get(_INSIDE) != "1":
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                              "--mount-proc", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for key, value in _SYSCTLS.items():
        Path("/proc/sys", key).write_text(value)
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)


def resolve_with(resolv_conf: Path) -> None:
    """Makes every program of the sandbox use this resolv.conf."""
    subprocess.run(["mount", "--bind", resolv_conf, "/etc/resolv.conf"], check=True)


def drop_packets_to(address: str) -> None:
    """Makes an address a black hole: whatever is sent to it is never answered."""
    rules = f"""table inet farm {{
  chain input {{
    type filter hook input priority 0;
    ip daddr {address} drop
  }}
}}
"""
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
