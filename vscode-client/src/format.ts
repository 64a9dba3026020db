// What hits look like as text. Pure: knows neither the editor nor the server.

import type { Hit, IndexState } from './protocol';

const REASONS_SHOWN = 4;

const SYMBOL_ICONS = new Set([
  'class', 'constant', 'enum', 'field', 'interface', 'method', 'namespace', 'property', 'variable',
]);

const OTHER_ICONS: Readonly<Record<string, string>> = {
  function: 'symbol-method',
  constructor: 'symbol-method',
  struct: 'symbol-structure',
  union: 'symbol-structure',
  trait: 'symbol-interface',
  type: 'symbol-interface',
  module: 'symbol-namespace',
  macro: 'symbol-snippet',
  heading: 'symbol-string',
};

const STATE_ICONS: Readonly<Record<IndexState, string>> = {
  empty: 'loading~spin',
  indexing: 'sync~spin',
  'catching-up': 'sync~spin',
  ready: 'search',
  paused: 'debug-pause',
  'lexical-only': 'whole-word',
  error: 'error',
};

/** The name of the codicon for a state of the index. */
export function stateIcon(state: IndexState): string {
  return STATE_ICONS[state];
}

/** A share as whole per cent; 100 only when nothing is missing. */
export function percent(share: number): number {
  return Math.floor(Math.min(1, Math.max(0, share)) * 100);
}

/** A score between 0 and 1 with two decimals. */
export function scoreText(score: number): string {
  return score.toFixed(2);
}

/** The name of the codicon for what a hit is about. */
export function symbolIcon(hit: Hit): string {
  const kind = hit.symbol?.kind ?? '';
  return OTHER_ICONS[kind] ?? (SYMBOL_ICONS.has(kind) ? `symbol-${kind}` : hit.symbol ? 'symbol-misc' : 'code');
}

/** The definition's name with what it stands in, else nothing. */
export function symbolName(hit: Hit): string | undefined {
  const { symbol } = hit;
  return symbol && (symbol.container ? `${symbol.container}.${symbol.name}` : symbol.name);
}

/**
 * The line of the preview that the focus range covers, without the blanks around it.
 *
 * The protocol does not say which line of the preview that is; indentation and length tell, the middle decides ties.
 */
export function focusText(hit: Hit): string {
  const lines = hit.preview.split('\n');
  const { start, end } = hit.focusRange;
  const middle = (lines.length - 1) / 2;
  const [best] = lines
    .map((text, place) => ({ text, distance: Math.abs(place - middle) }))
    .filter(({ text }) => text.length - text.trimStart().length === start.character)
    .filter(({ text }) => text.trimEnd().length === end.character)
    .sort((a, b) => a.distance - b.distance);
  return (best?.text ?? lines.find((text) => text.trim()) ?? '').trim();
}

/** The reasons for a hit, strongest first, as `meaning +1.50 · body +1.23`. */
export function whyText(why: Record<string, number>): string {
  return Object.entries(why)
    .filter(([, value]) => Math.abs(value) >= 0.005)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .slice(0, REASONS_SHOWN)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`)
    .join(' · ');
}

/** Text in which the editor finds no `$(icon)`: code may hold such. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}

/** One Markdown link to a place; `line` counts from 0. */
export function markdownLink(path: string, line: number, name: string | undefined): string {
  const label = `${path}:${line + 1}${name ? ` ${name}` : ''}`.replace(/[\\`*_[\]<>]/g, '\\$&');
  return `- [${label}](${encodeURI(path).replace(/[()#?]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}#L${line + 1})`;
}

/** Hits by file, files in the order of their best hit, hits of a file in the order of their lines. */
export function byFile(hits: readonly Hit[]): Map<string, Hit[]> {
  const files = new Map<string, Hit[]>();
  for (const hit of hits) {
    const known = files.get(hit.location.uri);
    if (known) {
      known.push(hit);
    } else {
      files.set(hit.location.uri, [hit]);
    }
  }
  for (const found of files.values()) {
    found.sort((a, b) => (a.cell ?? 0) - (b.cell ?? 0) || a.focusRange.start.line - b.focusRange.start.line);
  }
  return files;
}
