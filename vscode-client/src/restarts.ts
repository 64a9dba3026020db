// How often and how fast a server that ends by itself is started again. Pure: time comes in as an argument.

export const MOST_RESTARTS = 5;
export const WITHIN_MINUTES = 3;

const WINDOW_MS = WITHIN_MINUTES * 60_000;
const FIRST_WAIT_MS = 500;

/** Remembers when the server ended. */
export class RestartBudget {
  private ends: number[] = [];

  /** Milliseconds to wait before the next start, each twice the one before; undefined when it ended too often. */
  next(now: number): number | undefined {
    this.ends = [...this.ends.filter((end) => now - end < WINDOW_MS), now];
    return this.ends.length > MOST_RESTARTS ? undefined : FIRST_WAIT_MS * 2 ** (this.ends.length - 1);
  }

  /** Forget the past, as when a person restarts the server. */
  clear(): void {
    this.ends = [];
  }
}
