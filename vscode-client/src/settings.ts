// The settings that the server is told when it asks: its own section, and the files that the editor hides.

import { Uri, workspace } from 'vscode';
import type { ConfigurationMiddleware } from 'vscode-languageclient/node';
import { toGitignore, type GlobSetting } from './globs';

export const EDITOR_EXCLUDES = 'files.exclude';

/** Answers `workspace/configuration`, in which the server asks for its section in each folder. */
export const settingsMiddleware: ConfigurationMiddleware = {
  configuration: async ({ items }, token, next) => {
    const values: unknown = await next({ items }, token);
    return Array.isArray(values) ? values.map((value: unknown, index) => withEditorExcludes(value, items[index]?.scopeUri)) : [];
  },
};

/** The person's own patterns come last, so that `!pattern` takes back what the editor hides. */
function withEditorExcludes(value: unknown, folder: string | undefined): unknown {
  const scope = folder === undefined ? undefined : Uri.parse(folder);
  const hidden = workspace.getConfiguration(undefined, scope).get<GlobSetting>(EDITOR_EXCLUDES) ?? {};
  const own = value as { exclude?: unknown[] } | null;
  return { ...own, exclude: [...toGitignore(hidden), ...(Array.isArray(own?.exclude) ? own.exclude : [])] };
}
