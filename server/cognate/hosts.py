"""Which hosts are this machine. Pure; looks nothing up."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only. Names other than ``localhost`` are not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
