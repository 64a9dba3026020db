import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { existingServer, makeEnvironment, newestServer, SetupFailure, use, type Places } from '../../src/environment';

const MADE = 'folder=$(mktemp -d "$3/$4XXXXXX"); mkdir "$folder/bin"; touch "$folder/bin/python" "$folder/bin/cognate" "$folder/complete"';

interface World {
  places: Places;
  make: (signal?: AbortSignal) => Promise<string>;
  steps: string[];
}

/** A Python of shell: it says whether it fits, and does what the set-up script is to do. The script itself is tested in Python. */
async function setUp(script: { probe?: string; make?: string }): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), 'cognate-'));
  const places = { storage: join(root, 'storage'), wheels: join(root, 'cognate-9'), script: join(root, 'setup') };
  const python = join(root, 'python');
  await Promise.all(Object.values(places).map((folder) => mkdir(folder)));
  await writeFile(join(places.wheels, 'environment.txt'), 'environment-1.0.0-abc-');
  await writeFile(python, `#!/bin/sh
case "$*" in
*"-c import sys"*) ${script.probe ?? 'echo "python 3.12.1"'};;
*" make "*) ${script.make ?? `${MADE}; echo "::made $folder"`};;
esac
`);
  await chmod(python, 0o755);
  const steps: string[] = [];
  const make = (signal = new AbortController().signal): Promise<string> => makeEnvironment({
    ...places, python, signal,
    onStep: (step) => { steps.push(step); },
    onLine: () => undefined,
  });
  return { places, make, steps };
}

async function failsWith(sentence: RegExp, isAboutPython: boolean, script: Parameters<typeof setUp>[0]): Promise<void> {
  const { places, make } = await setUp(script);
  await assert.rejects(make(), (error: unknown) =>
    error instanceof SetupFailure && sentence.test(error.message) && error.isAboutPython === isAboutPython);
  assert.equal(await existingServer(places), undefined);
}

test('an environment is made once and found again', async () => {
  const { places, make } = await setUp({});
  assert.equal(await existingServer(places), undefined);
  const made = await make();
  assert.equal(await existingServer(places), made);
});

test('an upgrade makes another environment, and until then the earlier one can be used', async () => {
  const { places, make } = await setUp({});
  const old = await make();
  await writeFile(join(places.wheels, 'environment.txt'), 'environment-1.0.0-def-');
  assert.equal(await existingServer(places), undefined);
  assert.equal(await newestServer(places), old);
  const made = await make();
  assert.notEqual(made, old);
  assert.equal(await existingServer(places), made);
});

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
  assert.equal(await newestServer(places), undefined);
});

test('a window leaves its mark in the environment that it uses', async () => {
  const { make } = await setUp({});
  const made = await make();
  await use(made);
  assert.ok((await readdir(join(made, '..', '..'))).includes(`used-by-${process.pid.toString()}`));
});

test('steps are shown as the script says them', async () => {
  const { make, steps } = await setUp({ make: `echo "::step downloading: 5 of 9 MB"; ${MADE}; echo "::made $folder"` });
  await make();
  assert.deepEqual(steps, ['looking for Python', 'downloading: 5 of 9 MB']);
});

test('a Python that does not fit is named', () =>
  failsWith(/^Cognate needs Python 3\.10 to 3\.14 and found 3\.9\.2\./, true, { probe: 'echo "python 3.9.2"; exit 1' }));

test('a program that is no Python is named', () => failsWith(/found none \(.*python\)\./, true, { probe: 'exit 1' }));

test('a failure is told as the script tells it', () => failsWith(/^No network\.$/, false, { make: 'echo "::failed No network."; exit 1' }));

test('a failure that another Python mends is told apart', () =>
  failsWith(/^No venv\.$/, true, { make: 'echo "::unfit No venv."; exit 1' }));

test('a failure without a word leads to the log', () => failsWith(/the log says why/, false, { make: 'exit 1' }));

test('a cancelled set-up is told so by the end of its input, and ends in order', async () => {
  const abort = new AbortController();
  const { places, make } = await setUp({ make: 'cat > /dev/null; touch "$3/ended"; exit 1' });
  setTimeout(() => { abort.abort(); }, 200);
  await assert.rejects(make(abort.signal), (error: unknown) => error instanceof SetupFailure && error.message.includes('cancelled'));
  assert.deepEqual(await readdir(places.storage), ['ended']);
});
