// The editor's globs in .gitignore syntax. Pure.

/** What `files.exclude` holds: on, off, or on beside a sibling, which .gitignore cannot say. */
export type GlobSetting = Record<string, boolean | { when: string }>;

/** The patterns that are switched on, for the setting `exclude`. */
export function toGitignore(globs: GlobSetting): string[] {
  return Object.entries(globs)
    .filter(([, on]) => on === true)
    .flatMap(([glob]) => expandBraces(glob))
    .map((glob) => (glob.includes('/') ? glob : `/${glob}`));
}

/** `a.{js,ts}` as `a.js` and `a.ts`; braces may be nested. */
export function expandBraces(glob: string): string[] {
  const open = glob.indexOf('{');
  if (open < 0) {
    return [glob];
  }
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let place = open; place < glob.length; place++) {
    const character = glob[place];
    if (character === '{') {
      depth++;
    } else if (character === '}') {
      depth--;
    }
    if ((character === ',' && depth === 1) || (character === '}' && depth === 0)) {
      parts.push(glob.slice(from, place));
      from = place + 1;
    }
    if (character === '}' && depth === 0) {
      return parts.flatMap((part) => expandBraces(glob.slice(0, open) + part + glob.slice(place + 1)));
    }
  }
  return [glob]; // never closed: an ordinary character
}
