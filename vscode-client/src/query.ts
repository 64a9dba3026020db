// Edits the text of a query: its filters, and the list of earlier queries. Pure.

const MAX_RECENT = 30;

/** The query with one filter set, such as `lang:python`, or removed; an earlier filter of that name is replaced. */
export function withFilter(query: string, name: 'lang' | 'path', value: string | undefined): string {
  const others = query.replace(new RegExp(`(?<!\\S)${name}:("[^"]*"|\\S+)`, 'g'), ' ');
  const filter = value === undefined ? '' : `${name}:${/\s/.test(value) ? `"${value}"` : value}`;
  return `${others} ${filter}`.replace(/\s+/g, ' ').trim();
}

/** What is asked, without the filters that say where to look for it. */
export function questionOf(query: string): string {
  return withFilter(withFilter(query, 'lang', undefined), 'path', undefined);
}

/** The query with what the server suggests: a word more, or a filter in place of the one it replaces; a suffix stands for a language. */
export function withSuggestion(query: string, suggestion: string): string {
  const [, name, value] = /^(lang|path):"?(.*?)"?$/.exec(suggestion) ?? [];
  if (name === undefined) {
    return `${query.trim()} ${suggestion}`;
  }
  if (name === 'lang') {
    return withFilter(query, 'lang', value);
  }
  return withFilter(value?.startsWith('*.') ? withFilter(query, 'lang', undefined) : query, 'path', value);
}

/** A folder as a filter's value; a single name means the folder at the top of the workspace. */
export function folderFilter(folder: string): string {
  return folder.includes('/') ? `${folder}/` : `/${folder}/`;
}

/** Every folder above a file, outermost first. */
export function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** The earlier queries with this one first, each once. */
export function remembered(recent: readonly string[], query: string): string[] {
  const text = query.trim();
  return text ? [text, ...recent.filter((other) => other !== text)].slice(0, MAX_RECENT) : [...recent];
}
