"""What systems tell of the machine's power."""

from pathlib import Path

import pytest

from cognate.power import WINDOWS_STATUS, Power, n_busy, power, power_of_linux, power_of_mac, power_of_windows

BATTERY = "class/power_supply/BAT0/"
MAINS = "class/power_supply/AC/"
MOUSE = "class/power_supply/hid-1-battery/"
PROCESSOR = "devices/system/cpu/cpu0/cpufreq/"

ON_BATTERY = {BATTERY + "type": "Battery", BATTERY + "status": "Discharging"}
AT_MAINS = {MAINS + "type": "Mains", MAINS + "online": "1"}
UNPLUGGED = {MAINS + "type": "Mains", MAINS + "online": "0"}
POWERSAVE = {PROCESSOR + "scaling_governor": "powersave"}
INTEL = {PROCESSOR + "scaling_driver": "intel_pstate", **POWERSAVE}


def check(folder: Path, files: dict[str, str], expected: Power) -> None:
    for name, text in {"class/power_supply/": "", **files}.items():
        file = folder / name
        if name.endswith("/"):
            file.mkdir(parents=True, exist_ok=True)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n")
    assert power_of_linux(folder) is expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({**ON_BATTERY, **UNPLUGGED}, Power.BATTERY),
        (ON_BATTERY, Power.BATTERY),
        ({**ON_BATTERY, **AT_MAINS}, Power.MAINS),
        ({**UNPLUGGED, BATTERY + "type": "Battery", BATTERY + "status": "Full"}, Power.MAINS),
        ({}, Power.MAINS),
        ({MOUSE + "type": "Battery", MOUSE + "status": "Discharging", MOUSE + "scope": "Device"}, Power.MAINS),
    ],
)
def test_linux_is_on_battery_when_one_of_its_own_discharges_and_no_supply_is_online(
    tmp_path: Path, files: dict[str, str], expected: Power
):
    check(tmp_path, files, expected)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({**AT_MAINS, **POWERSAVE}, Power.SAVING),
        ({**AT_MAINS, PROCESSOR + "scaling_governor": "schedutil"}, Power.MAINS),
        ({**AT_MAINS, **INTEL, PROCESSOR + "energy_performance_preference": "balance_performance"}, Power.MAINS),
        ({**AT_MAINS, **INTEL, PROCESSOR + "energy_performance_preference": "power"}, Power.SAVING),
        ({**AT_MAINS, "firmware/acpi/platform_profile": "low-power"}, Power.SAVING),
        ({**ON_BATTERY, **POWERSAVE}, Power.SAVING),
    ],
)
def test_linux_saves_power_by_its_profile_its_preference_or_its_governor(
    tmp_path: Path, files: dict[str, str], expected: Power
):
    check(tmp_path, files, expected)


def test_a_linux_that_tells_nothing_is_unknown(tmp_path: Path):
    assert power_of_linux(tmp_path) is Power.UNKNOWN


def test_macos_has_unlimited_time_on_mains():
    assert [power_of_mac(seconds) for seconds in (-2.0, -1.0, 3600.0)] == [Power.MAINS, Power.BATTERY, Power.BATTERY]


@pytest.mark.parametrize(
    ("mains", "saver", "expected"),
    [(0, 0, Power.BATTERY), (1, 0, Power.MAINS), (1, 1, Power.SAVING), (0, 1, Power.SAVING), (255, 0, Power.UNKNOWN)],
)
def test_windows_tells_of_mains_and_its_saver(mains: int, saver: int, expected: Power):
    assert power_of_windows(WINDOWS_STATUS.pack(mains, 1, 80, saver, 3600, 7200)) is expected


def test_this_machine_can_be_asked():
    assert power() in Power
    assert n_busy() >= 0.0
