// Runs a program to its end and keeps what it said. Knows nothing of what is run.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const MAX_OUTPUT = 200_000;

export interface Outcome {
  /** Undefined when the program could not be started or was stopped. */
  code: number | undefined;
  output: string;
}

/** Run a program without a shell; `onLine` gets each line of either stream. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; signal?: AbortSignal; onLine?: (line: string) => void } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = '';
    let rest = '';
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      signal: options.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const take = (data: Buffer): void => {
      output = (output + data.toString()).slice(-MAX_OUTPUT);
      const lines = (rest + data.toString()).split(/\r?\n/);
      rest = lines.pop() ?? '';
      lines.forEach((line) => options.onLine?.(line));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => { resolve({ code: undefined, output: `${output}${error.message}` }); });
    child.on('close', (code) => { resolve({ code: code ?? undefined, output }); });
  });
}

/** The environment for the managed Python: what a shell sets for another Python must not leak into it. */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...more };
  delete env.PYTHONPATH;
  delete env.PYTHONHOME;
  return env;
}

/** The full path of a program that the shell would find, if there is one. */
export function onPath(name: string): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean).map((folder) => join(folder, file)).find(existsSync);
}
