// The server's own Python environment in the extension's storage, made from the wheel inside the extension.
//
// Each environment is built in a new folder, which is named after the wheel and marked when it is complete; so a build
// that is cut short, or two windows that build at the same time, never leave a broken environment in use.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failureKind, isNewEnough, SetupFailure } from './failures';
import { run } from './process';

const PREFIX = 'environment-';
const COMPLETE = 'complete';
const WINDOWS = process.platform === 'win32';
const PROBE = 'import sys; print("python", ".".join(map(str, sys.version_info[:3])))';

/** What is being done, in the order in which it is done. */
export type Step = 'python' | 'environment' | 'packages' | 'check';

export interface Setup {
  storage: string; // holds the environments: the extension's global storage
  wheels: string; // holds the wheel: a folder of the extension
  python: string; // the setting; empty for the first Python found
  onStep: (step: Step) => void;
  onLine: (line: string) => void;
  signal: AbortSignal;
}

/** The server's program in the environment for the present wheel, if that was made before. */
export async function existingServer(storage: string, wheels: string): Promise<string | undefined> {
  const wheel = await findWheel(wheels);
  const folders = wheel ? (await namesIn(storage)).filter((name) => name.startsWith(wheel.prefix)).map((name) => join(storage, name)) : [];
  const folder = folders.find((each) => [join(each, COMPLETE), program(each, 'python'), program(each, 'cognate')].every(existsSync));
  return folder && program(folder, 'cognate');
}

/**
 * Make the environment, remove those of other wheels, and return the server's program in it.
 *
 * @throws SetupFailure with the reason, when it cannot be made.
 */
export async function makeEnvironment(setup: Setup): Promise<string> {
  const wheel = await findWheel(setup.wheels);
  if (!wheel) {
    throw new SetupFailure('other', `There is no wheel in ${setup.wheels}.`);
  }
  setup.onStep('python');
  const python = await findPython(setup);
  await mkdir(setup.storage, { recursive: true });
  const folder = await mkdtemp(join(setup.storage, wheel.prefix));
  try {
    setup.onStep('environment');
    await must(setup, python, ['-m', 'venv', folder]);
    setup.onStep('packages');
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--no-cache-dir', `${wheel.path}[mcp]`];
    await must(setup, program(folder, 'python'), install);
    setup.onStep('check');
    await must(setup, program(folder, 'cognate'), ['doctor']);
    await writeFile(join(folder, COMPLETE), '');
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  // One that another window is still running from may stay.
  const old = (await namesIn(setup.storage)).filter((name) => name.startsWith(PREFIX) && !name.startsWith(wheel.prefix));
  await Promise.allSettled(old.map((name) => rm(join(setup.storage, name), { recursive: true, force: true })));
  return program(folder, 'cognate');
}

async function findPython({ python, onLine }: Setup): Promise<string> {
  const candidates = python ? [python] : WINDOWS ? ['py', 'python'] : ['python3', 'python'];
  let tooOld = '';
  for (const candidate of candidates) {
    const { output } = await run(candidate, ['-c', PROBE]);
    const version = /^python ([\d.]+)/m.exec(output)?.[1] ?? '';
    onLine(`${candidate}: ${version || output.trim()}`);
    if (isNewEnough(version)) {
      return candidate;
    }
    tooOld ||= version;
  }
  throw new SetupFailure(tooOld ? 'old-python' : 'no-python', tooOld || candidates.join(', '));
}

async function must({ signal, onLine }: Setup, command: string, args: readonly string[]): Promise<void> {
  onLine(`> ${[command, ...args].join(' ')}`);
  const { code, output } = await run(command, args, { signal, onLine });
  if (signal.aborted) {
    throw new SetupFailure('cancelled');
  }
  if (code !== 0) {
    throw new SetupFailure(failureKind(output), output);
  }
}

/** The wheel, and what the names of its environments begin with: its version and a digest of its content. */
async function findWheel(folder: string): Promise<{ path: string; prefix: string } | undefined> {
  const name = (await namesIn(folder)).find((each) => each.endsWith('.whl'));
  if (name === undefined) {
    return undefined;
  }
  const path = join(folder, name);
  const digest = createHash('sha256').update(await readFile(path)).digest('hex').slice(0, 12);
  return { path, prefix: `${PREFIX}${name.split('-')[1] ?? ''}-${digest}-` };
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

function program(folder: string, name: string): string {
  return WINDOWS ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name);
}
