// Offers the folders and languages in which a query finds something, and writes the choice into the query as a filter.

import { l10n, ThemeIcon, window, workspace, type QuickPickItem } from 'vscode';
import type { Facets } from '../generated/protocol';
import { folderFilter, foldersAbove, withFilter } from './query';

/** What limits a search: filters in the text, and workspace folders by URI. */
export interface Limits { query: string; folders: string[] }

/** Where a query finds something within the present workspace folders. */
type FacetsOf = (query: string) => Promise<Facets>;

interface Choice extends QuickPickItem { limits: Limits }

/** Let the person choose a folder; undefined when none was chosen. */
export async function chooseFolder({ query, folders }: Limits, facetsOf: FacetsOf): Promise<Limits | undefined> {
  const everywhere = withFilter(query, 'path', undefined);
  const roots = workspace.workspaceFolders ?? [];
  const found = (await facetsOf(everywhere)).folders;
  const file = roots.length === 1 && window.activeTextEditor ? workspace.asRelativePath(window.activeTextEditor.document.uri) : '';
  const above = foldersAbove(file).filter((folder) => !found.some(({ path }) => path === folder));
  const inside = (folder: string, about: string): Choice =>
    choice(folder, { query: withFilter(query, 'path', folderFilter(folder)), folders }, 'folder', about);
  return choose(l10n.t('Search only in this folder'), [
    choice(l10n.t('Everywhere'), { query: everywhere, folders: [] }),
    ...(roots.length > 1 ? roots : []).map(({ name, uri }) =>
      choice(name, { query: everywhere, folders: [uri.toString()] }, 'root-folder', l10n.t('workspace folder'))),
    ...found.map(({ path, count }) => inside(path, l10n.t('{0} results', count))),
    ...above.map((path) => inside(path, l10n.t('above the open file'))),
  ]);
}

/** Let the person choose a language; undefined when none was chosen. */
export async function chooseLanguage({ query, folders }: Limits, facetsOf: FacetsOf): Promise<Limits | undefined> {
  const every = withFilter(query, 'lang', undefined);
  return choose(l10n.t('Search only in this language'), [
    choice(l10n.t('Every language'), { query: every, folders }),
    ...(await facetsOf(every)).languages.map(({ language, count }) =>
      choice(language, { query: withFilter(query, 'lang', language), folders }, 'symbol-keyword', l10n.t('{0} results', count))),
  ]);
}

function choice(label: string, limits: Limits, icon?: string, description?: string): Choice {
  return { label, limits, description, iconPath: icon ? new ThemeIcon(icon) : undefined };
}

async function choose(placeHolder: string, choices: Choice[]): Promise<Limits | undefined> {
  return (await window.showQuickPick(choices, { placeHolder, matchOnDescription: true }))?.limits;
}
