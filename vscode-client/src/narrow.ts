// Offers the folders and languages in which a query finds something, and writes the choice into the query as a filter.

import { l10n, ThemeIcon, window, workspace, type QuickPickItem } from 'vscode';
import { pathOf, uriOf } from './places';
import { MAX_LIMIT, type Hit } from './protocol';
import { counted, folderFilter, foldersOf, withFilter } from './query';
import type { Server } from './server';

/** What limits a search: filters in the text, and workspace folders by URI. */
export interface Narrowed {
  query: string;
  folders: string[];
}

interface Choice extends QuickPickItem {
  narrowed: Narrowed;
}

/** Ask for a folder; undefined when nothing was chosen. */
export async function chooseFolder(server: Server, from: Narrowed): Promise<Narrowed | undefined> {
  const roots = workspace.workspaceFolders ?? [];
  const open = withFilter(from.query, 'path', undefined);
  const everywhere: Choice = { label: l10n.t('Everywhere'), narrowed: { query: open, folders: [] } };
  const wholes = roots.length > 1 ? roots.map((root): Choice => ({
    label: root.name,
    description: l10n.t('workspace folder'),
    iconPath: new ThemeIcon('root-folder'),
    narrowed: { query: open, folders: [root.uri.toString()] },
  })) : [];
  const hits = await everyHit(server, { query: open, folders: from.folders });
  const here = roots.length > 1 ? [] : window.activeTextEditor ? [workspace.asRelativePath(window.activeTextEditor.document.uri)] : [];
  const paths = hits.map((hit) => inFolder(hit));
  const known = foldersOf(paths);
  const folders = [...known, ...foldersOf(here).filter(([folder]) => !known.some(([other]) => other === folder))];
  const inside = folders.map(([folder, count]): Choice => ({
    label: folder,
    description: known.some(([other]) => other === folder) ? l10n.t('{0} places', count) : l10n.t('the file you are in'),
    iconPath: new ThemeIcon('folder'),
    narrowed: { query: withFilter(open, 'path', folderFilter(folder)), folders: from.folders },
  }));
  return choose(l10n.t('Search only in this folder'), [everywhere, ...wholes, ...inside]);
}

/** Ask for a language; undefined when nothing was chosen. */
export async function chooseLanguage(server: Server, from: Narrowed): Promise<Narrowed | undefined> {
  const open = withFilter(from.query, 'lang', undefined);
  const every: Choice = { label: l10n.t('Every language'), narrowed: { query: open, folders: from.folders } };
  const hits = await everyHit(server, { query: open, folders: from.folders });
  const choices = counted(hits.map((hit) => hit.language)).map(([language, count]): Choice => ({
    label: language,
    description: l10n.t('{0} places', count),
    iconPath: new ThemeIcon('symbol-keyword'),
    narrowed: { query: withFilter(open, 'lang', language), folders: from.folders },
  }));
  return choose(l10n.t('Search only in this language'), [every, ...choices]);
}

async function choose(placeHolder: string, choices: Choice[]): Promise<Narrowed | undefined> {
  return (await window.showQuickPick(choices, { placeHolder, matchOnDescription: true }))?.narrowed;
}

async function everyHit(server: Server, { query, folders }: Narrowed): Promise<Hit[]> {
  if (!query.trim()) {
    return [];
  }
  return (await server.request('cognate/search', { query, limit: MAX_LIMIT, scope: { folders } })).hits;
}

/** The path inside its workspace folder, as filters read it. */
function inFolder(hit: Hit): string {
  return workspace.getWorkspaceFolder(uriOf(hit)) ? workspace.asRelativePath(uriOf(hit), false) : pathOf(hit);
}
