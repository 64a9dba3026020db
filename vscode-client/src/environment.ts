// The server's own Python environment in the extension's storage. `setup/environment.py` makes it; here it is found, and asked for.
//
// Environments are named after what they are made from, so an upgrade makes a new one beside the old one. Which is complete,
// who may remove what, and what happens when two windows are at it, is written in the script.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failureKind, pythonProblem, SetupFailure, type FailureKind } from './failures';
import { run } from './process';

const PREFIX = 'environment-';
const COMPLETE = 'complete';
const USED_BY = 'used-by-';
const SCRIPT = 'environment.py';
const WINDOWS = process.platform === 'win32';
const PROBE = 'import sys; print("python", ".".join(map(str, sys.version_info[:3])))';
const NAMED = ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** What is being done, in the order in which it is done; `waiting` while another window does it. */
export type Step = 'python' | 'waiting' | 'environment' | 'packages' | 'unpacking' | 'check';

/** Where the environments are, and the folders of the extension that hold what they are made from. */
export interface Places {
  storage: string;
  wheels: string;
  script: string;
}

export interface Setup extends Places {
  python: string; // the setting; empty for the first Python found
  onStep: (step: Step) => void;
  onBytes: (done: number, total: number) => void;
  onLine: (line: string) => void;
  signal: AbortSignal;
}

/** The server's program in the environment for the present extension, if that was made before. */
export async function existingServer(places: Places): Promise<string | undefined> {
  const prefix = await prefixOf(places);
  return prefix && firstComplete(places.storage, (await namesIn(places.storage)).filter((name) => name.startsWith(prefix)));
}

/** The server's program in the newest environment of an earlier extension. */
export async function earlierServer({ storage }: Places): Promise<string | undefined> {
  const names = (await namesIn(storage)).filter((name) => name.startsWith(PREFIX) && existsSync(join(storage, name, COMPLETE)));
  const ages = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(storage, name, COMPLETE))).mtimeMs })));
  return firstComplete(storage, ages.sort((a, b) => b.at - a.at).map(({ name }) => name));
}

/** Note that this window runs a server of an environment, so that no other removes it. */
export async function use(server: string): Promise<void> {
  await writeFile(join(dirname(dirname(server)), `${USED_BY}${process.pid.toString()}`), '');
}

/** Remove the environments that no window uses, and what cut set-ups left. */
export async function tidy(places: Places, server: string, onLine: (line: string) => void): Promise<void> {
  const python = join(dirname(server), WINDOWS ? 'python.exe' : 'python');
  const prefix = await prefixOf(places);
  if (prefix) {
    await run(python, [join(places.script, SCRIPT), 'tidy', places.storage, prefix], { onLine });
  }
}

/**
 * Make the environment and return the server's program in it.
 *
 * @throws SetupFailure with the reason, when it cannot be made.
 */
export async function makeEnvironment(setup: Setup): Promise<string> {
  const { storage, wheels, script, signal } = setup;
  const prefix = await prefixOf(setup);
  if (!prefix) {
    throw new SetupFailure('other', `There is no wheel in ${wheels}.`);
  }
  setup.onStep('python');
  const python = await findPython(setup);
  let made = '';
  const onLine = (line: string): void => {
    const [, word, rest] = /^::(\w+) (.+)$/.exec(line) ?? [];
    if (word === 'step') {
      setup.onStep(rest as Step);
    } else if (word === 'bytes') {
      const [done, total] = (rest ?? '').split(' ').map(Number);
      setup.onBytes(done ?? 0, total ?? 0);
    } else if (word === 'made') {
      made = rest ?? '';
    } else {
      setup.onLine(line);
    }
  };
  const { code, output } = await run(python, [join(script, SCRIPT), 'make', storage, prefix, wheels], { signal, onLine });
  if (signal.aborted) {
    throw new SetupFailure('cancelled');
  }
  if (code !== 0 || !made) {
    throw new SetupFailure(failureKind(output), output);
  }
  return program(made, 'cognate');
}

async function findPython({ python, onLine }: Setup): Promise<string> {
  const candidates = python ? [python] : WINDOWS ? ['py', 'python'] : ['python3', 'python', ...NAMED];
  let unfit: { kind: FailureKind; version: string } | undefined;
  for (const candidate of candidates) {
    const { output } = await run(candidate, ['-c', PROBE]);
    const version = /^python ([\d.]+)/m.exec(output)?.[1] ?? '';
    onLine(`${candidate}: ${version || output.trim()}`);
    const kind = version ? pythonProblem(version) : 'no-python';
    if (!kind) {
      return candidate;
    }
    unfit ??= version ? { kind, version } : undefined;
  }
  throw new SetupFailure(unfit?.kind ?? 'no-python', unfit?.version ?? candidates.join(', '));
}

/** What the names of the present environments begin with: a version, and a digest of all that an environment is made from. */
async function prefixOf({ wheels, script }: Places): Promise<string | undefined> {
  const wheel = (await namesIn(wheels)).find((name) => name.startsWith('cognate-') && name.endsWith('.whl'));
  if (wheel === undefined) {
    return undefined;
  }
  const digest = createHash('sha256');
  for (const folder of [wheels, script]) {
    for (const name of (await namesIn(folder)).filter((each) => /\.(whl|py|txt)$/.test(each)).sort()) {
      digest.update(name).update(await readFile(join(folder, name)));
    }
  }
  return `${PREFIX}${wheel.split('-')[1] ?? ''}-${digest.digest('hex').slice(0, 12)}-`;
}

function firstComplete(storage: string, names: string[]): string | undefined {
  const folders = names.map((name) => join(storage, name));
  const folder = folders.find((each) => [join(each, COMPLETE), program(each, 'python'), program(each, 'cognate')].every(existsSync));
  return folder && program(folder, 'cognate');
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

function program(folder: string, name: string): string {
  return WINDOWS ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name);
}
