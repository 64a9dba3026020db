import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byFile, markdownLink, symbolIcon, whyText, withoutIcons, withoutPaths } from '../../src/format';
import type { Hit } from '../../generated/protocol';

function hit(more: Partial<Hit> = {}): Hit {
  return {
    location: { uri: 'file:///a.py', range: { start: { line: 0, character: 0 }, end: { line: 5, character: 0 } } },
    focusRange: { start: { line: 1, character: 4 }, end: { line: 1, character: 12 } },
    focusText: '    return 1',
    score: 0.5,
    language: 'python',
    preview: 'def f():\n    return 1\n    return 2',
    stale: false,
    ...more,
  };
}

test('reasons come strongest first and without those that added nothing', () => {
  const why = { body: 0.25, file_name_covered: -1.5, meaning: 2, path: 0 };
  assert.equal(whyText(why), 'meaning +2.00 · file name covered −1.50 · body +0.25');
});

test('code never turns into icons', () => {
  assert.equal(withoutIcons('$(document).ready'), '\\$(document).ready');
});

test('links survive brackets and blanks in paths', () => {
  assert.equal(markdownLink('my dir/a(1).py', 9, '__init__'), '- [my dir/a(1).py:10 \\_\\_init\\_\\_](my%20dir/a%281%29.py#L10)');
});

test('files come in the order of their best hit, hits in the order of their lines', () => {
  const at = (uri: string, line: number): Hit => hit({
    location: { uri, range: hit().location.range },
    focusRange: { start: { line, character: 0 }, end: { line, character: 1 } },
  });
  const grouped = byFile([at('b', 9), at('a', 3), at('b', 2)]);
  assert.deepEqual([...grouped].map(([uri, hits]) => [uri, hits.map((found) => found.focusRange.start.line)]), [['b', [2, 9]], ['a', [3]]]);
});

test('every kind has an icon, known or not', () => {
  const icon = (kind: string): string => symbolIcon(hit({ symbol: { name: 'x', kind, container: '', qualified: 'x' } }));
  assert.deepEqual(['class', 'function', 'whatever'].map(icon), ['symbol-class', 'symbol-method', 'symbol-misc']);
  assert.equal(symbolIcon(hit()), 'code');
});

test('no path of the user is left, in whichever way it is written', () => {
  const unix = [['/home/ada', '~'], ['/home/ada/my shop', 'FOLDER']] as const;
  assert.equal(withoutPaths('No /home/ada/my shop/a.py in /home/ada/.cache', unix), 'No FOLDER/a.py in ~/.cache');
  assert.equal(withoutPaths('/home/adam and /home/ada-2, not /home/ada.', unix), '/home/adam and /home/ada-2, not ~.');
  const windows = [['C:\\Users\\Ada', '~'], ['\\\\server\\share\\(x)+', 'FOLDER']] as const;
  assert.equal(withoutPaths('c:\\users\\ada\\x, C:/Users/Ada/y, \\\\Server\\share\\(x)+', windows), '~\\x, ~/y, FOLDER');
  assert.equal(withoutPaths('a/b', [['/', 'ROOT']]), 'a/b');
});
