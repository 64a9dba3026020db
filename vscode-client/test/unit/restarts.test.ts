import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartBudget } from '../../src/restarts';

test('the first five ends are followed by a restart, each after twice the wait, the sixth is not', () => {
  const budget = new RestartBudget();
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((now) => budget.next(now)), [500, 1000, 2000, 4000, 8000, undefined]);
});

test('what happened more than three minutes ago is forgotten', () => {
  const budget = new RestartBudget();
  [0, 1, 2, 3, 4].forEach((now) => budget.next(now));
  assert.equal(budget.next(180_010), 500);
});

test('a restart by hand begins anew', () => {
  const budget = new RestartBudget();
  [0, 1, 2, 3, 4].forEach((now) => budget.next(now));
  budget.clear();
  assert.equal(budget.next(5), 500);
});
