// The server's own Python environment in the extension's storage: finds one, and has one made. `setup/environment.py` makes and
// removes them; there is written which is complete, and what happens when two windows are at it.
//
// Environments are named after what they are made from, so an upgrade makes a new one beside the old one.

import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './process';

const PREFIX = 'environment-';
const COMPLETE = 'complete';
const USED_BY = 'used-by-';
const SCRIPT = 'environment.py';
const WINDOWS = process.platform === 'win32';
const PYTHONS = WINDOWS ? ['py', 'python'] : ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
/** Says the version of a Python, and fails if `setup/requirements.txt` has no packages for it. */
const PROBE = 'import sys; print("python %s.%s.%s" % sys.version_info[:3]); sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))';

/** Where the environments are, and the folders of the extension that hold what they are made from. */
export interface Places {
  storage: string;
  wheels: string;
  script: string;
}

export interface Setup extends Places {
  python: string; // the setting; empty for the first Python found
  onStep: (step: string) => void;
  onLine: (line: string) => void;
  signal: AbortSignal;
}

/** Why an environment could not be made, in a sentence for people. */
export class SetupFailure extends Error {
  constructor(sentence: string, readonly isAboutPython = false) {
    super(sentence);
  }
}

/** The server's program in the environment for the present extension, if that was made before. */
export async function existingServer(places: Places): Promise<string | undefined> {
  return newestServer(places, await presentPrefix(places));
}

/** The server's program in the newest complete environment, whichever version of the extension made it. */
export async function newestServer({ storage }: Places, prefix = PREFIX): Promise<string | undefined> {
  const names = existsSync(storage) ? await readdir(storage) : [];
  const [newest] = names.filter((name) => name.startsWith(prefix)).map((name) => join(storage, name))
    .filter((folder) => [join(folder, COMPLETE), program(folder, 'python'), program(folder, 'cognate')].every(existsSync))
    .sort((a, b) => completedAt(b) - completedAt(a));
  return newest && program(newest, 'cognate');
}

/** Note that this window runs a server of an environment, so that no other removes it. */
export async function use(server: string): Promise<void> {
  await writeFile(join(dirname(dirname(server)), `${USED_BY}${process.pid.toString()}`), '');
}

/** Remove the environments that no window uses, and what cut set-ups left. */
export async function tidy(places: Places, server: string, onLine: (line: string) => void): Promise<void> {
  const python = program(dirname(dirname(server)), 'python');
  await run(python, [join(places.script, SCRIPT), 'tidy', places.storage, await presentPrefix(places)], { onLine });
}

/**
 * Make the environment and return the server's program in it.
 *
 * @throws SetupFailure when it cannot be made.
 */
export async function makeEnvironment(setup: Setup): Promise<string> {
  const { storage, wheels, script, signal, onStep, onLine } = setup;
  const prefix = await presentPrefix(setup);
  onStep('looking for Python');
  const python = await findPython(setup);
  let made = '';
  let failure = new SetupFailure('Cognate could not be set up; the log says why.');
  const read = (line: string): void => {
    const [, word, rest = ''] = /^::(\w+) (.+)$/.exec(line) ?? [];
    if (word === 'step') {
      onStep(rest);
    } else if (word === 'made') {
      made = rest;
    } else if (word === 'failed' || word === 'unfit') {
      failure = new SetupFailure(rest, word === 'unfit');
    } else {
      onLine(line);
    }
  };
  await run(python, [join(script, SCRIPT), 'make', storage, prefix, wheels], { signal, onLine: read });
  if (signal.aborted) {
    throw new SetupFailure('The set-up of Cognate was cancelled.');
  }
  if (!made) {
    throw failure;
  }
  return program(made, 'cognate');
}

async function findPython({ python, onLine }: Setup): Promise<string> {
  const candidates = python ? [python] : PYTHONS;
  let found = `none (${candidates.join(', ')})`;
  for (const candidate of candidates) {
    const { code, output } = await run(candidate, ['-c', PROBE]);
    onLine(`${candidate}: ${output.trim()}`);
    if (code === 0) {
      return candidate;
    }
    found = /^python ([\d.]+)/m.exec(output)?.[1] ?? found;
  }
  throw new SetupFailure(`Cognate needs Python 3.10 to 3.14 and found ${found}. Install one of these, or name one in the settings.`, true);
}

/** What the names of the present environments begin with, as `build.py` has written it. */
async function presentPrefix({ wheels }: Places): Promise<string> {
  return readFile(join(wheels, 'environment.txt'), 'utf8');
}

function completedAt(folder: string): number {
  return statSync(join(folder, COMPLETE)).mtimeMs;
}

function program(folder: string, name: string): string {
  return WINDOWS ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name);
}
