import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { existingServer, makeEnvironment } from '../../src/environment';
import { SetupFailure, type FailureKind } from '../../src/failures';

/** A Python of shell: it says its version, makes environments and installs as it is told. */
async function setUp(script: { version?: string; venv?: string; pip?: string }): Promise<{
  storage: string; wheels: string; make: (signal?: AbortSignal) => Promise<string>;
}> {
  const root = await mkdtemp(join(tmpdir(), 'cognate-'));
  const [storage, wheels, python] = [join(root, 'storage'), join(root, 'cognate-9'), join(root, 'python')];
  await mkdir(wheels);
  await writeFile(join(wheels, 'cognate-0.1.0-py3-none-any.whl'), 'wheel');
  await writeFile(python, `#!/bin/sh
case "$*" in
*"-c import sys"*) echo "python ${script.version ?? '3.12.1'}";;
*"-m venv"*) ${script.venv ?? ':'}; mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
  printf '#!/bin/sh\\n' > "$3/bin/cognate"; chmod +x "$3/bin/cognate";;
*"-m pip"*) ${script.pip ?? ':'};;
esac
`);
  await chmod(python, 0o755);
  const quiet = (): void => undefined;
  const make = (signal = new AbortController().signal): Promise<string> =>
    makeEnvironment({ storage, wheels, python, onStep: quiet, onLine: quiet, signal });
  return { storage, wheels, make };
}

async function failsAs(kind: FailureKind, script: Parameters<typeof setUp>[0]): Promise<void> {
  const { storage, wheels, make } = await setUp(script);
  await assert.rejects(make(), (error: unknown) => error instanceof SetupFailure && error.kind === kind);
  assert.equal(await existingServer(storage, wheels), undefined);
  const left = await readdir(storage).catch(() => []);
  assert.deepEqual(left, [], 'nothing half made stays');
}

test('an environment is made once and found again', async () => {
  const { storage, wheels, make } = await setUp({});
  assert.equal(await existingServer(storage, wheels), undefined);
  const made = await make();
  assert.equal(await existingServer(storage, wheels), made);
});

test('another wheel makes another environment and the old one goes', async () => {
  const { storage, wheels, make } = await setUp({});
  const old = await make();
  await writeFile(join(wheels, 'cognate-0.1.0-py3-none-any.whl'), 'another wheel');
  assert.equal(await existingServer(storage, wheels), undefined);
  const made = await make();
  assert.notEqual(made, old);
  assert.equal(await existingServer(storage, wheels), made);
  assert.equal((await readdir(storage)).filter((name) => name.startsWith('environment-')).length, 1);
});

test('an environment whose Python is gone is made again', async () => {
  const { storage, wheels, make } = await setUp({});
  const made = await make();
  await rm(join(made, '..', 'python'));
  assert.equal(await existingServer(storage, wheels), undefined);
});

test('an old Python is named', () => failsAs('old-python', { version: '3.9.2' }));

test('a Python without venv is told apart', () => failsAs('no-venv', { venv: 'echo "No module named venv" >&2; exit 1' }));

test('a missing compiler is told apart', () =>
  failsAs('no-compiler', { pip: 'echo "Failed building wheel for hnswlib" >&2; exit 1' }));

test('a missing network is told apart', () =>
  failsAs('no-network', { pip: 'echo "Temporary failure in name resolution" >&2; exit 1' }));

test('a program that is not there is no Python', async () => {
  const { storage, wheels } = await setUp({});
  const quiet = (): void => undefined;
  const setup = { storage, wheels, python: '/nowhere/python', onStep: quiet, onLine: quiet, signal: new AbortController().signal };
  await assert.rejects(makeEnvironment(setup), (error: unknown) => error instanceof SetupFailure && error.kind === 'no-python');
});

test('an environment that was never finished is not used', async () => {
  const { storage, wheels, make } = await setUp({});
  const made = await make();
  await rm(join(made, '..', '..', 'complete'));
  assert.equal(await existingServer(storage, wheels), undefined);
});

test('a build can be cancelled', async () => {
  const abort = new AbortController();
  const { make } = await setUp({ pip: 'exec sleep 60' });
  setTimeout(() => { abort.abort(); }, 200);
  await assert.rejects(make(abort.signal), (error: unknown) => error instanceof SetupFailure && error.kind === 'cancelled');
});
