// Puts the parts together and registers the commands. Nothing else.

import { commands, env, l10n, Uri, window, workspace, type ExtensionContext } from 'vscode';
import { COMMAND_PAUSE, COMMAND_REINDEX, COMMAND_RESUME, type Hit } from '../generated/protocol';
import { registerForAgents } from './agents';
import { ChangesView } from './changes';
import { debugInformation } from './debug';
import { messageOf } from './format';
import { showChange, type ChangedFile } from './git';
import { searchHistory } from './history';
import { peek, RelatedView, selectedIn, startOf, type Place } from './related';
import { ResultsView } from './results';
import { openToSide, searchByMeaning } from './search';
import { Server } from './server';
import { clearMarks } from './show';
import { choosePace, createStatusBar, showMenu } from './status';

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Cognate', { log: true });
  const server = new Server(context, log);
  const results = new ResultsView();
  const related = new RelatedView(server);
  const changes = new ChangesView(server);
  const search = { server, results, memory: context.workspaceState };
  context.subscriptions.push(log, server, results, related, changes, createStatusBar(server));

  const handlers: Record<string, (...args: never[]) => unknown> = {
    'cognate.searchByMeaning': (text?: string) => { searchByMeaning(search, typeof text === 'string' ? text : selectedText()); },
    'cognate.openToSide': openToSide,
    'cognate.findRelated': (given?: Place) => {
      const params = { ...givenOrSelected(given), explain: true };
      return results.show(l10n.t('like {0}', nameOf(params)), () => server.request('cognate/related', params));
    },
    'cognate.peekRelated': async (given?: Place) => {
      const params = givenOrSelected(given);
      await peek((await server.request('cognate/related', params)).hits, params);
    },
    'cognate.openResult': (hit: Hit) => results.open(hit),
    'cognate.nextResult': () => results.step(1),
    'cognate.previousResult': () => results.step(-1),
    'cognate.refreshResults': () => results.refresh(),
    'cognate.copyResults': () => results.copy(),
    'cognate.peekResults': () => peek(results.hits, givenOrSelected()),
    'cognate.clearResults': () => { results.clear(); },
    'cognate.pinRelated': () => { related.pin(true); },
    'cognate.unpinRelated': () => { related.pin(false); },
    'cognate.relatedSimilar': () => related.show('similar'),
    'cognate.relatedTests': () => related.show('tests'),
    'cognate.relatedCallers': () => related.show('callers'),
    'cognate.relatedSiblings': () => related.show('siblings'),
    'cognate.searchHistory': (text?: string) => { searchHistory(server, changes, typeof text === 'string' ? text : selectedText()); },
    'cognate.changesLikeThis': () => changes.likeThis(),
    'cognate.historyOfThis': () => {
      const place = givenOrSelected();
      return changes.show(nameOf(place), place);
    },
    'cognate.openChange': (file: ChangedFile) => showChange(file),
    'cognate.showMenu': () => showMenu(server),
    'cognate.pauseIndexing': () => server.run(COMMAND_PAUSE),
    'cognate.resumeIndexing': () => server.run(COMMAND_RESUME),
    'cognate.choosePace': choosePace,
    'cognate.reindexAll': () => server.run(COMMAND_REINDEX),
    'cognate.explainThisFile': (uri?: Uri) => explain(server, uri instanceof Uri ? uri : window.activeTextEditor?.document.uri),
    'cognate.restartServer': () => server.restart(),
    'cognate.showLog': () => { log.show(); },
    'cognate.copyDebugInformation': async () => {
      await env.clipboard.writeText(await debugInformation(server, context));
      void window.showInformationMessage(l10n.t('Copied. It holds no code and no paths of yours; read it before you publish it.'));
    },
    'cognate.openSettings': () => commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
  };
  for (const [id, handler] of Object.entries(handlers)) {
    context.subscriptions.push(commands.registerCommand(id, async (...args: never[]) => {
      try {
        await handler(...args);
      } catch (error) { // a message is enough; the editor would call it a bug of the extension
        void window.showWarningMessage(messageOf(error));
      }
    }));
  }
  const { version } = context.extension.packageJSON as { version: string };
  context.subscriptions.push(
    ...registerForAgents(server, version),
    window.onDidChangeTextEditorSelection(({ kind }) => { if (kind) { clearMarks(); } }),
    workspace.onDidChangeWorkspaceFolders(() => { if (server.life === 'off') { void server.restart(); } }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cognate.server.path') || event.affectsConfiguration('cognate.python')) {
        void server.restart();
      }
    }),
  );
  if (workspace.workspaceFolders?.length) {
    void server.restart();
  }
}

/** What a lens or a code action gives; from a key or a menu, the selection. */
function givenOrSelected(given?: Place): Place {
  if (given?.textDocument) {
    return given;
  }
  if (!window.activeTextEditor) {
    throw new Error(l10n.t('No file is open. Put the cursor into one and try again.'));
  }
  return selectedIn(window.activeTextEditor);
}

async function explain(server: Server, uri: Uri | undefined): Promise<void> {
  if (!uri) {
    throw new Error(l10n.t('No file is open. Open the one that you ask about and try again.'));
  }
  const { summary } = await server.request('cognate/explainFile', { textDocument: { uri: uri.toString() } });
  void window.showInformationMessage(summary);
}

/** One line of selected text is likely what a person wants to find. */
function selectedText(): string {
  const editor = window.activeTextEditor;
  return editor?.selection.isSingleLine ? editor.document.getText(editor.selection) : '';
}

/** The text of the line that related code is asked for, or the path of its file. */
function nameOf(place: Place): string {
  const uri = Uri.parse(place.textDocument.uri);
  const document = workspace.textDocuments.find((candidate) => candidate.uri.toString() === uri.toString());
  return document?.lineAt(document.validatePosition(startOf(place))).text.trim() || workspace.asRelativePath(uri);
}
