import assert from 'node:assert/strict';
import { test } from 'node:test';
import { questionOf, remembered } from '../../src/query';

test('filters are no part of the question', () => {
  const questions = ['undo part of it', ' undo  part of it lang:python', 'undo path:"my src" part of it lang:go '];
  assert.deepEqual(questions.map(questionOf), questions.map(() => 'undo part of it'));
  assert.equal(questionOf('undo -path:tests'), 'undo -path:tests');
});

test('a query asked again moves to the front', () => {
  assert.deepEqual(remembered(['a', 'b'], ' b '), ['b', 'a']);
  assert.deepEqual(remembered(['a'], '  '), ['a']);
  assert.equal(remembered(Array.from({ length: 50 }, (_, i) => `q${i}`), 'new').length, 30);
});
