// Puts the parts together and registers the commands. Nothing else.

import { commands, l10n, Uri, window, workspace, type ExtensionContext } from 'vscode';
import { COMMAND_PAUSE, COMMAND_REINDEX, COMMAND_RESUME, type Hit, type RelatedParams } from './protocol';
import { locationOf } from './places';
import { peekRelated, placeOf, RelatedView } from './related';
import { ResultsView } from './results';
import { openToSide, searchByMeaning, type SearchContext } from './search';
import { Server } from './server';
import { showMenu, StatusBar } from './status';
import type { HitNode } from './tree';

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Cognate', { log: true });
  const server = new Server(context, log, (place) => relatedTo(place));
  const results = new ResultsView(server);
  const related = new RelatedView(server);
  const search: SearchContext = {
    server,
    memory: context.workspaceState,
    showResults: (params, result) => { results.showSearch(params, result); },
  };
  context.subscriptions.push(log, server, results, related, new StatusBar(server, context.workspaceState));

  const relatedTo = (place: RelatedParams): Promise<void> => results.showRelated(place, nameOf(place));
  const here = (): RelatedParams | undefined => window.activeTextEditor && placeOf(window.activeTextEditor);

  const handlers: Record<string, (...args: never[]) => unknown> = {
    'cognate.searchByMeaning': (text?: string) => { searchByMeaning(search, typeof text === 'string' ? text : selectedText()); },
    'cognate.openToSide': openToSide,
    'cognate.findRelated': () => withPlace(here(), relatedTo),
    'cognate.peekRelated': (place?: RelatedParams) =>
      withPlace(place?.textDocument ? place : here(), (at) => peekRelated(server, at)),
    'cognate.openResult': (node: HitNode) => results.open(node),
    'cognate.nextResult': () => results.step(1),
    'cognate.previousResult': () => results.step(-1),
    'cognate.refreshResults': () => results.refresh(),
    'cognate.copyResults': () => results.copy(),
    'cognate.peekResults': () => peekHits(results.hits()),
    'cognate.clearResults': () => { results.clear(); },
    'cognate.pinRelated': () => { related.pin(true); },
    'cognate.unpinRelated': () => { related.pin(false); },
    'cognate.showMenu': () => showMenu(server),
    'cognate.pauseIndexing': () => server.switchIndexing(COMMAND_PAUSE),
    'cognate.resumeIndexing': () => server.switchIndexing(COMMAND_RESUME),
    'cognate.reindexAll': () => server.switchIndexing(COMMAND_REINDEX),
    'cognate.explainThisFile': (uri?: Uri) => explain(server, uri instanceof Uri ? uri : window.activeTextEditor?.document.uri),
    'cognate.restartServer': () => server.restart(),
    'cognate.showLog': () => { log.show(); },
    'cognate.openSettings': () => commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
  };
  for (const [id, handler] of Object.entries(handlers)) {
    context.subscriptions.push(commands.registerCommand(id, reporting(handler as (...args: unknown[]) => unknown)));
  }
  context.subscriptions.push(
    workspace.onDidChangeWorkspaceFolders(() => { if (server.life === 'off') { void server.restart(); } }),
  );
  if (workspace.workspaceFolders?.length) {
    void server.restart();
  }
}

/** A command's failure is shown in words instead of as an error of the editor. */
function reporting(handler: (...args: unknown[]) => unknown): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    try {
      await handler(...args);
    } catch (error) {
      void window.showWarningMessage(error instanceof Error ? error.message : String(error));
    }
  };
}

async function withPlace(place: RelatedParams | undefined, act: (place: RelatedParams) => Promise<void>): Promise<void> {
  if (!place) {
    throw new Error(l10n.t('Put the cursor into a file first.'));
  }
  await act(place);
}

async function peekHits(hits: Hit[]): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor && hits.length) {
    const locations = await Promise.all(hits.map(locationOf));
    await commands.executeCommand('editor.action.showReferences', editor.document.uri, editor.selection.active, locations);
  }
}

async function explain(server: Server, uri: Uri | undefined): Promise<void> {
  if (!uri) {
    throw new Error(l10n.t('Open a file first.'));
  }
  const found = await server.request('cognate/explainFile', { textDocument: { uri: uri.toString() } });
  const name = found.path || workspace.asRelativePath(uri);
  const state = found.indexed
    ? l10n.t('{0} is indexed ({1} pieces).', name, found.chunks)
    : l10n.t('{0} is not indexed.', name);
  void window.showInformationMessage(`${state} ${found.rule}`);
}

/** One line of selected text is likely what is looked for. */
function selectedText(): string {
  const editor = window.activeTextEditor;
  return editor?.selection.isSingleLine ? editor.document.getText(editor.selection) : '';
}

function nameOf({ textDocument, range, position }: RelatedParams): string {
  const line = (range?.start ?? position)?.line ?? 0;
  const document = workspace.textDocuments.find((candidate) => candidate.uri.toString() === Uri.parse(textDocument.uri).toString());
  return document?.lineAt(Math.min(line, document.lineCount - 1)).text.trim() || workspace.asRelativePath(Uri.parse(textDocument.uri));
}
