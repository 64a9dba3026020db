import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureKind, isNewEnough } from '../../src/failures';

const OUTPUTS: [string, string][] = [
  ['no-network', "NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')"],
  ['no-network', 'ERROR: Could not find a version that satisfies the requirement pygls<3,>=2 (from versions: none)'],
  ['no-network', 'pip subprocess to install build dependencies did not run successfully. ReadTimeoutError\nFailed to build hnswlib'],
  ['no-compiler', "error: command 'g++' failed: No such file or directory\nERROR: Failed building wheel for hnswlib"],
  ['no-compiler', 'error: Microsoft Visual C++ 14.0 or greater is required.'],
  ['no-compiler', 'fatal error: Python.h: No such file or directory'],
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

test('Python 3.10 is new enough, 3.9 and 2.7 are not', () => {
  assert.deepEqual(['3.10.0', '3.14.1', '4.0.0', '3.9.19', '2.7.18'].map(isNewEnough), [true, true, true, false, false]);
});
