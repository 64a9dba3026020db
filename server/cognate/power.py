"""Tells whether the machine is to be spared: what feeds it, whether it saves power, how busy it is.

Any thread; a look takes a fraction of a millisecond and starts no program. What a system does not tell is unknown.
"""

import ctypes
import os
import struct
import sys
from enum import Enum
from pathlib import Path

SYSTEM = Path("/sys")
"""Where Linux tells of devices."""

WITH_PREFERENCE = frozenset({"intel_pstate", "amd-pstate-epp", "amd_pstate_epp"})
"""Drivers whose governor ``powersave`` is the usual one, at full speed too: a preference says what is wanted."""

MAC_POWER = "/System/Library/Frameworks/IOKit.framework/IOKit"
MAC_ON_MAINS = -2.0
"""What macOS says of the time that is left while it is not on its battery (``kIOPSTimeRemainingUnlimited``)."""

WINDOWS_STATUS = struct.Struct("<4B2I")
"""``SYSTEM_POWER_STATUS`` of Windows: mains, battery, percent, saver, two times."""


class Power(Enum):
    """What is known of the machine's power."""

    MAINS = "mains"
    BATTERY = "battery"
    SAVING = "saving"
    UNKNOWN = "unknown"

    @property
    def is_scarce(self) -> bool:
        """Whether work that can wait is to be done slowly."""
        return self in {Power.BATTERY, Power.SAVING}


def power() -> Power:
    """Return how the machine is fed, or that it is set to save power."""
    if sys.platform == "linux":
        return power_of_linux(SYSTEM)
    try:
        if sys.platform == "darwin":
            seconds_left = ctypes.CDLL(MAC_POWER).IOPSGetTimeRemainingEstimate
            seconds_left.restype = ctypes.c_double
            return power_of_mac(seconds_left())
        if sys.platform == "win32":
            status = ctypes.create_string_buffer(WINDOWS_STATUS.size)
            known = ctypes.windll.kernel32.GetSystemPowerStatus(status)
            return power_of_windows(status.raw) if known else Power.UNKNOWN
    except (OSError, AttributeError):
        pass
    return Power.UNKNOWN


def power_of_linux(system: Path) -> Power:
    """Return what Linux tells.

    Args:
        system: the folder ``/sys``.
    """
    if _saves_power(system):
        return Power.SAVING
    try:
        folders = list((system / "class/power_supply").iterdir())
    except OSError:
        return Power.UNKNOWN
    supplies = [folder for folder in folders if _read(folder / "scope") != "Device"]  # As the battery of a mouse has.
    kinds = {folder: _read(folder / "type") for folder in supplies}
    if any(kind != "Battery" and _read(folder / "online") == "1" for folder, kind in kinds.items()):
        return Power.MAINS
    discharges = any(kind == "Battery" and _read(folder / "status") == "Discharging" for folder, kind in kinds.items())
    return Power.BATTERY if discharges else Power.MAINS


def _saves_power(system: Path) -> bool:
    if _read(system / "firmware/acpi/platform_profile") == "low-power":
        return True
    processor = system / "devices/system/cpu/cpu0/cpufreq"
    if _read(processor / "scaling_driver") in WITH_PREFERENCE:
        return _read(processor / "energy_performance_preference") == "power"
    return _read(processor / "scaling_governor") == "powersave"


def power_of_mac(seconds_left: float) -> Power:
    """Return what macOS tells by the time until the battery is empty, which is unlimited on mains."""
    return Power.MAINS if seconds_left == MAC_ON_MAINS else Power.BATTERY


def power_of_windows(status: bytes) -> Power:
    """Return what Windows tells by its ``SYSTEM_POWER_STATUS``."""
    mains, _, _, saver, *_ = WINDOWS_STATUS.unpack(status)
    if saver == 1:
        return Power.SAVING
    return {0: Power.BATTERY, 1: Power.MAINS}.get(mains, Power.UNKNOWN)


def n_busy() -> float:
    """Return how many cores were wanted in the last minute, ours among them; 0 where the system does not tell."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return 0.0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
