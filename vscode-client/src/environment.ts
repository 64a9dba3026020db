// The server's own Python environment in the extension's storage, made from the wheel inside the extension.
//
// Each environment is built in a folder of its own; `current.json` names the one in use and is replaced in one step, so
// that a build cut short, or two windows that build at once, never leave a broken one behind.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failureKind, isNewEnough, SetupFailure } from './failures';
import { cleanEnvironment, run } from './process';

const CURRENT = 'current.json';
const PREFIX = 'environment-';
const WINDOWS = process.platform === 'win32';
const PROBE = 'import sys; print("python", ".".join(map(str, sys.version_info[:3])))';

/** Told what is being done, in the order it is done. */
export type Step = 'python' | 'environment' | 'packages' | 'check';

export interface Setup {
  /** The folder that holds environments, the extension's global storage. */
  storage: string;
  /** The folder of the extension that holds the wheel. */
  wheels: string;
  /** The setting; empty for the first Python found. */
  python: string;
  onStep: (step: Step) => void;
  onLine: (line: string) => void;
  signal: AbortSignal;
}

interface Current {
  key: string;
  folder: string;
}

/** The server's program in the environment for this wheel, if it was made before. */
export async function existingServer(storage: string, wheels: string): Promise<string | undefined> {
  const wheel = await findWheel(wheels);
  const current = await readCurrent(storage);
  if (!wheel || current?.key !== (await keyOf(wheel))) {
    return undefined;
  }
  const folder = join(storage, current.folder);
  const whole = existsSync(program(folder, 'python')) && existsSync(program(folder, 'cognate'));
  return whole ? program(folder, 'cognate') : undefined;
}

/**
 * Make the environment and return the server's program in it.
 *
 * @throws SetupFailure with the reason, when it cannot be made.
 */
export async function makeEnvironment(setup: Setup): Promise<string> {
  const wheel = await findWheel(setup.wheels);
  if (!wheel) {
    throw new SetupFailure('other', `No wheel in ${setup.wheels}.`);
  }
  setup.onStep('python');
  const python = await findPython(setup);
  const key = await keyOf(wheel);
  await mkdir(setup.storage, { recursive: true });
  const folder = await mkdtemp(join(setup.storage, `${PREFIX}${key}-`));
  try {
    setup.onStep('environment');
    await must(setup, python[0], [...python.slice(1), '-m', 'venv', folder]);
    setup.onStep('packages');
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--no-cache-dir', wheel];
    await must(setup, program(folder, 'python'), install);
    setup.onStep('check');
    await must(setup, program(folder, 'cognate'), ['doctor']);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const name = folder.slice(setup.storage.length + 1);
  await writeFile(join(folder, CURRENT), JSON.stringify({ key, folder: name } satisfies Current));
  await rename(join(folder, CURRENT), join(setup.storage, CURRENT));
  return program(folder, 'cognate');
}

/** Remove environments of other versions; one that another window still runs from may stay. */
export async function removeOldEnvironments(storage: string): Promise<void> {
  const current = await readCurrent(storage);
  const names = current ? await readdir(storage) : [];
  const old = names.filter((name) => name.startsWith(PREFIX) && !name.startsWith(`${PREFIX}${current?.key ?? ''}-`));
  await Promise.allSettled(old.map((name) => rm(join(storage, name), { recursive: true, force: true })));
}

async function findPython(setup: Setup): Promise<[string, ...string[]]> {
  const standard: [string, ...string[]][] = WINDOWS ? [['py', '-3'], ['python']] : [['python3'], ['python']];
  const candidates: [string, ...string[]][] = setup.python ? [[setup.python]] : standard;
  let found = '';
  for (const candidate of candidates) {
    const { output } = await run(candidate[0], [...candidate.slice(1), '-c', PROBE], { env: cleanEnvironment() });
    const version = /^python ([\d.]+)/m.exec(output)?.[1];
    setup.onLine(`${candidate.join(' ')}: ${version ?? output.trim()}`);
    if (version && isNewEnough(version)) {
      return candidate;
    }
    found ||= version ?? '';
  }
  const asked = candidates.map((candidate) => candidate.join(' ')).join(', ');
  throw new SetupFailure(found ? 'old-python' : 'no-python', found || asked);
}

async function must(setup: Setup, command: string, args: readonly string[]): Promise<void> {
  setup.onLine(`> ${[command, ...args].join(' ')}`);
  // Compiled for this very processor, hnswlib would crash when the storage is used on an older one.
  const env = cleanEnvironment({ HNSWLIB_NO_NATIVE: '1', PYTHONUNBUFFERED: '1' });
  const { code, output } = await run(command, args, { env, signal: setup.signal, onLine: setup.onLine });
  if (setup.signal.aborted) {
    throw new SetupFailure('cancelled');
  }
  if (code !== 0) {
    throw new SetupFailure(failureKind(output), output);
  }
}

async function findWheel(folder: string): Promise<string | undefined> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const wheel = names.find((name) => name.endsWith('.whl'));
  return wheel && join(folder, wheel);
}

async function keyOf(wheel: string): Promise<string> {
  const version = /^cognate-([^-]+)-/.exec(basename(wheel))?.[1] ?? '0';
  return `${version}-${createHash('sha256').update(await readFile(wheel)).digest('hex').slice(0, 12)}`;
}

async function readCurrent(storage: string): Promise<Current | undefined> {
  try {
    return JSON.parse(await readFile(join(storage, CURRENT), 'utf8')) as Current;
  } catch {
    return undefined; // not made yet, or damaged: made anew
  }
}

function program(folder: string, name: string): string {
  return WINDOWS ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name);
}
