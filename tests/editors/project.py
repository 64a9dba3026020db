"""The small project that editors are tried on, and the page with the recipes of those without a plugin."""

from pathlib import Path

RECIPES = Path(__file__).parents[2] / "docs" / "editors.md"

PROJECT = '''\
//- src/retry.py
"""Patience with flaky services."""

import time


def call_with_backoff(action, attempts=5, base_delay=0.1):
    """Run an action again after a failure, waiting twice as long each time."""
    for attempt in range(attempts):
        try:
            return action()
        except ConnectionError:
            time.sleep(base_delay * 2**attempt)
    raise TimeoutError("gave up")
//- src/download.py
import time


class Downloader:
    """Fetches files over HTTP."""

    def fetch_with_retries(self, url, attempts=3, delay=1.0):
        """Try a download again after a connection failure, waiting longer each time."""
        for attempt in range(attempts):
            try:
                return self.fetch(url)
            except ConnectionError:
                time.sleep(delay * 2**attempt)
        raise TimeoutError(url)
//- src/settings.py
import json


def load_settings(path):
    """Read the user's preferences from a JSON file."""
    with open(path) as file:
        return json.load(file)
//- web/cart.ts
export interface Item { price: number; quantity: number }

export function cartTotal(items: Item[]): number {
    return items.reduce((sum, item) => sum + item.price * item.quantity, 0);
}
'''
"""Two functions do the same, in other words; the others do not."""
