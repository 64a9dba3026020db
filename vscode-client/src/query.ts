// What is kept of queries: the question in one, and the list of earlier ones. Pure.

const MAX_RECENT = 30;

/** What is asked, without the filters that say where to look for it. */
export function questionOf(query: string): string {
  return query.replace(/(?<!\S)(lang|language|path|file|folder):("[^"]*"|\S+)/g, ' ').replace(/\s+/g, ' ').trim();
}

/** The earlier queries with this one first, each once. */
export function remembered(recent: readonly string[], query: string): string[] {
  const text = query.trim();
  return text ? [text, ...recent.filter((other) => other !== text)].slice(0, MAX_RECENT) : [...recent];
}
