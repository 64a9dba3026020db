import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderFilter, foldersAbove, questionOf, remembered, withFilter, withSuggestion } from '../../src/query';

test('a filter is added once and replaced when chosen again', () => {
  const once = withFilter('retry a request', 'lang', 'python');
  assert.equal(once, 'retry a request lang:python');
  assert.equal(withFilter(once, 'lang', 'go'), 'retry a request lang:go');
  assert.equal(withFilter(once, 'lang', undefined), 'retry a request');
});

test('a filter that excludes, and one inside a word, are left alone', () => {
  assert.equal(withFilter('a -path:tests xpath:y', 'path', 'src/'), 'a -path:tests xpath:y path:src/');
});

test('a path with blanks is quoted, and found again', () => {
  const quoted = withFilter('x', 'path', 'my dir/sub/');
  assert.equal(quoted, 'x path:"my dir/sub/"');
  assert.equal(withFilter(quoted, 'path', undefined), 'x');
});

test('a suggested filter replaces the one that found nothing', () => {
  assert.equal(withSuggestion('retry lang:pyhton path:src/', 'lang:python'), 'retry path:src/ lang:python');
  assert.equal(withSuggestion('retry path:scr/', 'path:"my src"'), 'retry path:"my src"');
  assert.equal(withSuggestion('retry lang:bat', 'path:*.bat'), 'retry path:*.bat');
});

test('a suggested word is added', () => {
  assert.equal(withSuggestion('undo part of it ', 'savepoint'), 'undo part of it savepoint');
  assert.equal(withSuggestion('undo lang:python', 'nested'), 'undo lang:python nested');
});

test('filters are no part of the question', () => {
  const questions = ['undo part of it', ' undo  part of it lang:python', 'undo path:"my src" part of it lang:go '];
  assert.deepEqual(questions.map(questionOf), questions.map(() => 'undo part of it'));
  assert.equal(questionOf('undo -path:tests'), 'undo -path:tests');
});

test('a folder at the top means only that one', () => {
  assert.deepEqual(['src', 'src/app'].map(folderFilter), ['/src/', 'src/app/']);
});

test('a file has all folders above it, one at the top has none', () => {
  assert.deepEqual(['a/b/x.py', 'z.py', ''].map(foldersAbove), [['a', 'a/b'], [], []]);
});

test('a query asked again moves to the front', () => {
  assert.deepEqual(remembered(['a', 'b'], ' b '), ['b', 'a']);
  assert.deepEqual(remembered(['a'], '  '), ['a']);
  assert.equal(remembered(Array.from({ length: 50 }, (_, i) => `q${i}`), 'new').length, 30);
});
