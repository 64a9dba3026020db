import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { earlierServer, existingServer, makeEnvironment, use, type Places, type Step } from '../../src/environment';
import { SetupFailure, type FailureKind } from '../../src/failures';

const MADE = 'folder=$(mktemp -d "$3/$4XXXXXX"); mkdir "$folder/bin"; touch "$folder/bin/python" "$folder/bin/cognate" "$folder/complete"';

interface World {
  places: Places;
  make: (signal?: AbortSignal) => Promise<string>;
  steps: Step[];
  bytes: number[][];
}

/** A Python of shell: it says its version, and does what the set-up script is to do. The script itself is tested in Python. */
async function setUp(script: { version?: string; make?: string }): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), 'cognate-'));
  const places = { storage: join(root, 'storage'), wheels: join(root, 'cognate-9'), script: join(root, 'setup') };
  const python = join(root, 'python');
  await Promise.all(Object.values(places).map((folder) => mkdir(folder)));
  await writeFile(join(places.wheels, 'cognate-0.1.0-py3-none-any.whl'), 'wheel');
  await writeFile(join(places.script, 'requirements.txt'), 'numpy==2');
  await writeFile(python, `#!/bin/sh
case "$*" in
*"-c import sys"*) echo "python ${script.version ?? '3.12.1'}";;
*" make "*) ${script.make ?? `${MADE}; echo "::made $folder"`};;
esac
`);
  await chmod(python, 0o755);
  const [steps, bytes]: [Step[], number[][]] = [[], []];
  const make = (signal = new AbortController().signal): Promise<string> => makeEnvironment({
    ...places, python, signal,
    onStep: (step) => { steps.push(step); },
    onBytes: (...numbers) => { bytes.push(numbers); },
    onLine: () => undefined,
  });
  return { places, make, steps, bytes };
}

async function failsAs(kind: FailureKind, script: Parameters<typeof setUp>[0]): Promise<void> {
  const { places, make } = await setUp(script);
  await assert.rejects(make(), (error: unknown) => error instanceof SetupFailure && error.kind === kind);
  assert.equal(await existingServer(places), undefined);
}

test('an environment is made once and found again', async () => {
  const { places, make } = await setUp({});
  assert.equal(await existingServer(places), undefined);
  const made = await make();
  assert.equal(await existingServer(places), made);
});

for (const [what, change] of [
  ['wheel', ({ wheels }: Places) => writeFile(join(wheels, 'cognate-0.1.0-py3-none-any.whl'), 'another')],
  ['lock', ({ script }: Places) => writeFile(join(script, 'requirements.txt'), 'numpy==3')],
  ['wheel of hnswlib', ({ wheels }: Places) => writeFile(join(wheels, 'hnswlib-0.8.0-cp312-cp312-win_amd64.whl'), '')],
] as const) {
  test(`another ${what} makes another environment, and until then the earlier one can be used`, async () => {
    const { places, make } = await setUp({});
    const old = await make();
    await change(places);
    assert.equal(await existingServer(places), undefined);
    assert.equal(await earlierServer(places), old);
    const made = await make();
    assert.notEqual(made, old);
    assert.equal(await existingServer(places), made);
  });
}

test('an environment whose Python is gone is made again', async () => {
  const { places, make } = await setUp({});
  const made = await make();
  await rm(join(made, '..', 'python'));
  assert.equal(await existingServer(places), undefined);
});

test('an environment that was never finished is not used', async () => {
  const { places, make } = await setUp({});
  const made = await make();
  await rm(join(made, '..', '..', 'complete'));
  assert.equal(await existingServer(places), undefined);
  assert.equal(await earlierServer(places), undefined);
});

test('a window leaves its mark in the environment that it uses', async () => {
  const { make } = await setUp({});
  const made = await make();
  await use(made);
  assert.ok((await readdir(join(made, '..', '..'))).includes(`used-by-${process.pid.toString()}`));
});

test('steps and bytes are read from what the script says', async () => {
  const { make, steps, bytes } = await setUp({ make: `echo "::step packages"; echo "::bytes 5 9"; ${MADE}; echo "::made $folder"` });
  await make();
  assert.deepEqual([steps, bytes], [['python', 'packages'], [[5, 9]]]);
});

test('an old Python is named', () => failsAs('old-python', { version: '3.9.2' }));

test('a Python that the lock does not know is named', () => failsAs('new-python', { version: '3.99.0' }));

test('a Python without venv is told apart', () => failsAs('no-venv', { make: 'echo "No module named venv" >&2; exit 1' }));

test('a missing network is told apart', () =>
  failsAs('no-network', { make: 'echo "Temporary failure in name resolution" >&2; exit 1' }));

test('a program that is not there is no Python', async () => {
  const { places } = await setUp({});
  const quiet = (): void => undefined;
  const quietly = { onStep: quiet, onBytes: quiet, onLine: quiet, signal: new AbortController().signal };
  const made = makeEnvironment({ ...places, ...quietly, python: '/nowhere/python' });
  await assert.rejects(made, (error: unknown) => error instanceof SetupFailure && error.kind === 'no-python');
});

test('a cancelled set-up is told so by the end of its input, and ends in order', async () => {
  const abort = new AbortController();
  const { places, make } = await setUp({ make: 'cat > /dev/null; touch "$3/ended"; exit 1' });
  setTimeout(() => { abort.abort(); }, 200);
  await assert.rejects(make(abort.signal), (error: unknown) => error instanceof SetupFailure && error.kind === 'cancelled');
  assert.deepEqual(await readdir(places.storage), ['ended']);
});
