// What hits and errors look like as text. Pure: knows neither the editor nor the server.

import type { Hit } from '../generated/protocol';

const REASONS_SHOWN = 4;

/** The codicon `symbol-…` for each kind of definition that has one. */
const SYMBOL_ICONS: Readonly<Record<string, string>> = {
  class: 'class', constant: 'constant', constructor: 'method', enum: 'enum', field: 'field', function: 'method', heading: 'string',
  interface: 'interface', key: 'key', macro: 'snippet', method: 'method', module: 'namespace', namespace: 'namespace', property: 'property',
  struct: 'structure', trait: 'interface', type: 'interface', union: 'structure', variable: 'variable',
};

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The name of the codicon for what a hit is about. */
export function symbolIcon({ symbol }: Hit): string {
  return symbol ? `symbol-${SYMBOL_ICONS[symbol.kind] ?? 'misc'}` : 'code';
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

/** Text in which the editor sees no `$(icon)`, which code may contain. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}

/** A Markdown link to a line; `line` counts from 0. */
export function markdownLink(path: string, line: number, name: string | undefined): string {
  const label = `${path}:${line + 1}${name ? ` ${name}` : ''}`.replace(/[\\`*_[\]<>]/g, '\\$&');
  return `- [${label}](${encodeURI(path).replace(/[()#?]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}#L${line + 1})`;
}

/** Hits by the URI of their file: files in the order of their best hit, hits of a file in the order of their lines. */
export function byFile(hits: readonly Hit[]): Map<string, Hit[]> {
  const files = Map.groupBy(hits, (hit) => hit.location.uri);
  files.forEach((found) => found.sort((a, b) => (a.cell ?? 0) - (b.cell ?? 0) || a.focusRange.start.line - b.focusRange.start.line));
  return files;
}

/** Text that names folders by what is given for them instead of their paths, whichever slashes and case these are written in. */
export function withoutPaths(text: string, names: readonly (readonly [path: string, name: string])[]): string {
  return [...names]
    .filter(([path]) => /[^\\/]/.test(path))
    .sort(([a], [b]) => b.length - a.length) // a folder of the home folder before that
    .reduce((shown, [path, name]) => {
      const parts = path.replace(/[\\/]+$/, '').split(/[\\/]+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return shown.replace(new RegExp(`${parts.join('[\\\\/]+')}(?![\\w-])`, 'gi'), () => name);
    }, text);
}
