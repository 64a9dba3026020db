import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toGitignore } from '../../src/globs';

test('only patterns that are switched on count', () => {
  assert.deepEqual(toGitignore({ '**/.git': true, '**/*.js': { when: '$(basename).ts' }, '**/x': false }), ['**/.git']);
});

test('a pattern without a folder means the top of the workspace, as in the editor', () => {
  assert.deepEqual(toGitignore({ '*.log': true, 'out/**': true }), ['/*.log', 'out/**']);
});

test('braces are left to the server', () => {
  assert.deepEqual(toGitignore({ '**/{a,b}.js': true, '*.{a,b}': true }), ['**/{a,b}.js', '/*.{a,b}']);
});
