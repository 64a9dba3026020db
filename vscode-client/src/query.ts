// Edits the text of a query: filters in it, and the list of queries asked before. Pure.

const MAX_RECENT = 30;

/** The query with one filter set, `lang:python`, or removed; what was set under that name is replaced. */
export function withFilter(query: string, name: 'lang' | 'path', value: string | undefined): string {
  const others = query.replace(new RegExp(`(?<!\\S)${name}:("[^"]*"|\\S+)`, 'g'), ' ');
  const filter = value === undefined ? '' : `${name}:${/\s/.test(value) ? `"${value}"` : value}`;
  return `${others} ${filter}`.replace(/\s+/g, ' ').trim();
}

/** A folder as a filter's value: at the top of the workspace when it is a single name. */
export function folderFilter(folder: string): string {
  return folder.includes('/') ? `${folder}/` : `/${folder}/`;
}

/** Every folder above some files, with how many of them it holds, fullest first. */
export function foldersOf(paths: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  return mostFirst(counts);
}

/** Each value with how often it occurs, most frequent first. */
export function counted(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return mostFirst(counts);
}

/** The queries asked before, newest first, each once. */
export function remembered(recent: readonly string[], query: string): string[] {
  const text = query.trim();
  return text ? [text, ...recent.filter((other) => other !== text)].slice(0, MAX_RECENT) : [...recent];
}

function mostFirst(counts: Map<string, number>): [string, number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}
