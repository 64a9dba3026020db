// The editor's globs in .gitignore syntax. Pure.

/** The value of `files.exclude`: on, off, or on beside a sibling file, which .gitignore cannot express. */
export type GlobSetting = Record<string, boolean | { when: string }>;

/** The globs that are switched on, for the setting `exclude`; one without a slash matches only at the top, as in the editor. */
export function toGitignore(globs: GlobSetting): string[] {
  return Object.keys(globs).filter((glob) => globs[glob] === true).map((glob) => (glob.includes('/') ? glob : `/${glob}`));
}
