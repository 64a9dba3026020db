// Runs inside the extension host of a real editor, against the real server: what the workbench tests cannot see.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';

declare const console: { log: (text: string) => void };

interface Found {
  hits: { location: { uri: string }; cell?: number; symbol?: { name: string } }[];
  index: { state: string };
}

const WAIT_MS = 90_000;
const root = (): vscode.Uri => vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder');
const file = (path: string): vscode.Uri => vscode.Uri.joinPath(root(), path);
const search = (query: string): Thenable<Found> => vscode.commands.executeCommand<Found>('cognate.search', { query });

async function until<T>(what: string, ask: () => T | Thenable<T>): Promise<NonNullable<T>> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    try {
      const value = await ask();
      if (value) {
        return value;
      }
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
    assert.ok(Date.now() < end, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ready = (): Promise<boolean> => until('ready', async () => (await search('anything')).index.state === 'ready');

const tests: Record<string, () => Promise<void>> = {
  'every command of the manifest exists': async () => {
    const { contributes } = vscode.extensions.getExtension('cognate.cognate')?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(contributes.commands.filter(({ command }) => !known.has(command)), []);
  },

  'a hit in a notebook opens its cell': async () => {
    const hit = (await search('average waiting time of customers')).hits.find(({ cell }) => cell !== undefined);
    assert.equal(hit?.cell, 2);
    await vscode.commands.executeCommand('cognate.openResult', hit);
    const notebook = await until('the notebook', () => vscode.window.activeNotebookEditor);
    assert.deepEqual(notebook.selections.map(({ start }) => start), [2]);
  },

  'folders of a workspace answer together and are told apart': async () => {
    const found = await search('lang:python brew coffee');
    const folders = new Set(found.hits.map(({ location }) => vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(location.uri))?.name));
    assert.deepEqual([...folders].sort(), ['first', 'second']);
  },

  'a folder has settings of its own': async () => {
    const second = vscode.workspace.workspaceFolders?.[1]?.uri ?? assert.fail('one folder only');
    const settings = vscode.workspace.getConfiguration('cognate', second);
    await settings.update('exclude', ['*.py'], vscode.ConfigurationTarget.WorkspaceFolder);
    await until('the exclusion', async () =>
      (await search('lang:python brew coffee')).hits.every(({ location }) => location.uri.startsWith(root().toString())));
    await settings.update('exclude', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
  },

  'lenses count similar code once they are turned on': async () => {
    const document = await vscode.workspace.openTextDocument(file('coffee.py'));
    await vscode.window.showTextDocument(document);
    const settings = vscode.workspace.getConfiguration('cognate', document.uri);
    assert.deepEqual(await vscode.commands.executeCommand('vscode.executeCodeLensProvider', document.uri, 9), []);
    await settings.update('codeLensEnabled', true, vscode.ConfigurationTarget.Workspace);
    const lens = await until('a lens', async () =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 9))[0]);
    assert.match(lens.command?.title ?? '', /^\d+\+? similar$/);
    assert.equal(lens.command?.command, 'cognate.peekRelated');
    await settings.update('codeLensEnabled', undefined, vscode.ConfigurationTarget.Workspace);
  },

  'the code action leads to the results': async () => {
    const document = await vscode.workspace.openTextDocument(file('coffee.py'));
    const range = new vscode.Range(0, 0, 1, 0);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range);
    const action = actions.find(({ title }) => title === 'Find related code') ?? assert.fail('no such action');
    assert.equal(action.command?.command, 'cognate.related');
    await vscode.commands.executeCommand('cognate.related', ...(action.command.arguments as unknown[]));
    await vscode.env.clipboard.writeText('');
    await vscode.commands.executeCommand('cognate.copyResults');
    assert.match(await vscode.env.clipboard.readText(), /^- \[[^\]]*tea\.py:\d+/m);
  },

  'debug information says how the index is, and names no folder': async () => {
    await vscode.commands.executeCommand('cognate.copyDebugInformation');
    const text = await vscode.env.clipboard.readText();
    const about = JSON.parse(text) as { extension: string; server: string; settings: object; status: { state: string; folders: object[] } };
    assert.deepEqual([about.server, about.status.state, about.status.folders.length], ['running', 'ready', 2]);
    assert.equal((about.settings as Record<string, unknown>)['cognate.server.path'], 'changed');
    assert.ok(!text.includes(root().fsPath) && !text.includes('coffee'), text);
  },

  'an unsaved document is searched as it stands': async () => {
    const document = await vscode.workspace.openTextDocument(file('coffee.py'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), 'def launch_a_rocket_to_mars(crew):\n    """Fly to another planet."""\n\n');
    await vscode.workspace.applyEdit(edit);
    await until('the new text', async () => (await search('travel through space')).hits[0]?.symbol?.name === 'launch_a_rocket_to_mars');
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  },

  'names find symbols, questions find meaning': async () => {
    const symbols = await vscode.commands.executeCommand<vscode.SymbolInformation[]>(
      'vscode.executeWorkspaceSymbolProvider', 'how is coffee made');
    assert.ok(symbols.some(({ name }) => name.includes('brew_coffee')));
  },

  'a restart leaves one server that answers': async () => {
    await Promise.all([1, 2, 3].map(() => vscode.commands.executeCommand('cognate.restartServer')));
    await ready();
  },
};

/** What the editor calls; every test is reported by name, and a failed one fails the run. */
export async function run(): Promise<void> {
  await ready();
  const failed: string[] = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`HOST TEST passed: ${name}`);
    } catch (error) {
      failed.push(name);
      console.log(`HOST TEST failed: ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  if (failed.length) {
    throw new Error(`${failed.length} failed`);
  }
}
