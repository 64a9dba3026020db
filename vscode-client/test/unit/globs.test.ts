import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandBraces, toGitignore } from '../../src/globs';

test('only patterns that are switched on count', () => {
  assert.deepEqual(toGitignore({ '**/.git': true, '**/*.js': { when: '$(basename).ts' }, '**/x': false }), ['**/.git']);
});

test('a pattern without a folder means the top of the workspace, as in the editor', () => {
  assert.deepEqual(toGitignore({ '*.log': true, 'out/**': true }), ['/*.log', 'out/**']);
});

test('braces become one pattern for each choice', () => {
  assert.deepEqual(expandBraces('**/{a,b{1,2}}.js'), ['**/a.js', '**/b1.js', '**/b2.js']);
  assert.deepEqual(expandBraces('{a,b}{c,d}'), ['ac', 'ad', 'bc', 'bd']);
});

test('a brace that is never closed is an ordinary character', () => {
  assert.deepEqual(expandBraces('a{b,c'), ['a{b,c']);
});
