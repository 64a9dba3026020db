import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureKind, NEWEST, pythonProblem } from '../../src/failures';

const OUTPUTS: [string, string][] = [
  ['no-network', "NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')"],
  ['no-network', 'ERROR: Could not find a version that satisfies the requirement pygls<3,>=2 (from versions: none)'],
  ['no-package', 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.'],
  ['no-package', 'ERROR: No matching distribution found for numpy==2.5.5'],
  ['no-venv', 'The virtual environment was not created successfully because ensurepip is not available.'],
  ['no-venv', '/usr/bin/python3: No module named venv'],
  ['no-space', 'OSError: [Errno 28] No space left on device'],
  ['other', 'something nobody thought of'],
];

for (const [kind, output] of OUTPUTS) {
  test(`${kind} is read from: ${output.slice(0, 60)}`, () => {
    assert.equal(failureKind(output), kind);
  });
}

test('Pythons without packages in the lock are told apart', () => {
  assert.deepEqual(['3.10.0', `${NEWEST}.9`].map(pythonProblem), [undefined, undefined]);
  assert.deepEqual(['3.9.19', '2.7.18'].map(pythonProblem), ['old-python', 'old-python']);
  assert.deepEqual(['3.15.0', '4.0.0'].map(pythonProblem), ['new-python', 'new-python']);
});
