// Runs a program to its end and keeps its output. Knows nothing about what it runs.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Run a program without a shell; `onLine` gets each line of both streams. The code is undefined if it did not run to its end.
 *
 * Its standard input stays open as long as this process lives and the signal does not say otherwise, so that a program which
 * waits for the end of it can end in order, and those that it started, too.
 */
export function run(
  command: string, args: readonly string[], options: { signal?: AbortSignal; onLine?: (line: string) => void } = {},
): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(command, args, { env: cleanEnvironment(), windowsHide: true, stdio: 'pipe' });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        options.onLine?.(line);
      });
    }
    child.stdin.on('error', () => undefined); // it ended before its input did
    options.signal?.addEventListener('abort', () => { child.stdin.end(); });
    child.on('error', (error) => { resolve({ code: undefined, output: [...lines, error.message].join('\n') }); });
    child.on('close', (code) => { resolve({ code: code ?? undefined, output: lines.join('\n') }); });
  });
}

/** What the server and its set-up get beside the editor's own environment, null for what is taken away: variables for another Python. */
export const SERVER_ENVIRONMENT = { PYTHONUNBUFFERED: '1', PYTHONPATH: null, PYTHONHOME: null };

/** The whole environment for the server and its set-up. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...SERVER_ENVIRONMENT, PYTHONPATH: undefined, PYTHONHOME: undefined };
}
