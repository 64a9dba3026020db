"""Which hosts are this machine, and how an address names one. Pure; looks nothing up."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only. Names other than ``localhost`` are not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_and_port(address: str) -> tuple[str, int] | None:
    """Return the host and the port of ``HOST:PORT``, None where it has no port; without a host 127.0.0.1 is meant."""
    host, _, port = address.rpartition(":")
    return (host.strip("[]") or "127.0.0.1", int(port)) if port.isdigit() else None
