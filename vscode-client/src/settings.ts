// What the server is told when it asks for settings: its own section, and the files that the editor hides.

import { Uri, workspace } from 'vscode';
import type { ConfigurationMiddleware } from 'vscode-languageclient/node';
import { toGitignore, type GlobSetting } from './globs';

const SECTION = 'cognate';
export const EDITOR_EXCLUDES = 'files.exclude';

/** Answers `workspace/configuration` for each folder that the server names. */
export const settingsMiddleware: ConfigurationMiddleware = {
  configuration: async (params, token, next) => {
    const values: unknown = await next(params, token);
    return Array.isArray(values)
      ? values.map((value: unknown, place) => {
          const item = params.items[place];
          return item?.section === SECTION ? withEditorExcludes(value, item.scopeUri) : value;
        })
      : [];
  },
};

/** A person's own patterns stand last, so that `!pattern` takes back what the editor hides. */
function withEditorExcludes(value: unknown, folder: string | undefined): unknown {
  const scope = folder === undefined ? undefined : Uri.parse(folder);
  const hidden = workspace.getConfiguration(undefined, scope).get<GlobSetting>(EDITOR_EXCLUDES) ?? {};
  const own = value as { exclude?: unknown } | null;
  const patterns = Array.isArray(own?.exclude) ? (own.exclude as unknown[]) : [];
  return { ...own, exclude: [...toGitignore(hidden), ...patterns] };
}
