"""How quickly chunks are embedded, by what is known of the machine and its user."""

import pytest

from cognate.indexing.pace import (
    BUSY,
    GENTLE,
    LOOK_AGAIN_S,
    QUICKLY,
    QUIET_S,
    SLOWLY,
    UNTIL_CALM,
    UNTIL_IDLE,
    Pace,
    pace_of,
)  # fmt: skip
from cognate.power import Power
from cognate.settings import GENTLY, IDLE, NOW, PACES

SLOW = Pace(is_gentle=True, message=GENTLE)


@pytest.mark.parametrize("power", [Power.MAINS, Power.UNKNOWN])
def test_now_means_at_once_however_busy_all_are(power: Power):
    assert pace_of(NOW, power, unused_s=0.0, busy=9.0) == QUICKLY


def test_gently_means_gently_at_any_time():
    assert pace_of(GENTLY, Power.MAINS, unused_s=9e9, busy=0.0) == SLOW


@pytest.mark.parametrize("setting", PACES)
@pytest.mark.parametrize("power", SLOWLY)
def test_scarce_power_makes_every_pace_gentle_and_is_named(setting: str, power: Power):
    pace = pace_of(setting, power, unused_s=QUIET_S, busy=0.0)
    assert pace == Pace(is_gentle=True, message=SLOWLY[power])


@pytest.mark.parametrize(
    ("unused_s", "busy", "expected"),
    [
        (0.0, 0.0, Pace(QUIET_S, message=UNTIL_IDLE)),
        (QUIET_S - 1.0, 9.0, Pace(1.0, message=UNTIL_IDLE)),
        (QUIET_S, BUSY, Pace(LOOK_AGAIN_S, message=UNTIL_CALM)),
        (QUIET_S, BUSY / 2, QUICKLY),
    ],
)
def test_idle_waits_for_the_user_and_then_for_the_machine(unused_s: float, busy: float, expected: Pace):
    assert pace_of(IDLE, Power.MAINS, unused_s=unused_s, busy=busy) == expected
