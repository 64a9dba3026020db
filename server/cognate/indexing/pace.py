"""How quickly chunks are embedded: at once, gently, or only while nobody needs the machine. Pure; all facts come in."""

from dataclasses import dataclass

from cognate.power import Power
from cognate.settings import GENTLY, IDLE

QUIET_S = 60.0
"""After so long without a question or a change in the folder its user counts as idle."""

BUSY = 0.5
"""Share of the cores that others want, from which on the machine is busy."""

LOOK_AGAIN_S = 10.0
"""How soon a machine that was busy is looked at again."""

SLOWLY = {
    Power.BATTERY: "On battery: embedding slowly.",
    Power.SAVING: "The machine saves power: embedding slowly.",
}
GENTLE = "Embedding gently, as the setting indexingPace says."
UNTIL_IDLE = "Embedding waits until you are idle, as the setting indexingPace says."
UNTIL_CALM = "Embedding waits until the machine is less busy, as the setting indexingPace says."


@dataclass(frozen=True, slots=True)
class Pace:
    """How embedding goes on.

    Attributes:
        wait_s: how long it waits before it looks again, in seconds; 0 for not at all.
        is_gentle: on one thread, with a rest after each batch.
        message: a sentence for the status, empty for none.
    """

    wait_s: float = 0.0
    is_gentle: bool = False
    message: str = ""


QUICKLY = Pace()


def pace_of(setting: str, power: Power, *, unused_s: float, busy: float) -> Pace:
    """Return how embedding goes on.

    Args:
        setting: a value of ``indexing_pace``.
        power: of the machine.
        unused_s: for how long nobody has asked or typed, in seconds.
        busy: share of the cores that others want.
    """
    if setting == IDLE and unused_s < QUIET_S:
        return Pace(QUIET_S - unused_s, message=UNTIL_IDLE)
    if setting == IDLE and busy >= BUSY:
        return Pace(LOOK_AGAIN_S, message=UNTIL_CALM)
    if power.is_scarce or setting == GENTLY:
        return Pace(is_gentle=True, message=SLOWLY.get(power, GENTLE))
    return QUICKLY
