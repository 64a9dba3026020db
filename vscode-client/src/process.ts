// Runs a program to its end and keeps its output. Knows nothing about what it runs.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Run a program without a shell; `onLine` gets each line of both streams. The code is undefined if it did not run to its end. */
export function run(
  command: string, args: readonly string[], options: { signal?: AbortSignal; onLine?: (line: string) => void } = {},
): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const how = { env: cleanEnvironment(), signal: options.signal, windowsHide: true };
    const child = spawn(command, args, { ...how, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        options.onLine?.(line);
      });
    }
    child.on('error', (error) => { resolve({ code: undefined, output: [...lines, error.message].join('\n') }); });
    child.on('close', (code) => { resolve({ code: code ?? undefined, output: lines.join('\n') }); });
  });
}

/**
 * What the server and its set-up get beside the editor's own environment, null for what is taken away: variables of the
 * user's shell for another Python. Compiled for this very processor, hnswlib would crash when the storage is used on an older one.
 */
export const SERVER_ENVIRONMENT = { HNSWLIB_NO_NATIVE: '1', PYTHONUNBUFFERED: '1', PYTHONPATH: null, PYTHONHOME: null };

/** The whole environment for the server and its set-up. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...SERVER_ENVIRONMENT, PYTHONPATH: undefined, PYTHONHOME: undefined };
}
