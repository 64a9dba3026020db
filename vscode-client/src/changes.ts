// Changes Like This: past commits that are like a text, a change or a definition, and the files that change with them.

import {
  commands, EventEmitter, l10n, MarkdownString, TabInputText, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, window,
  type Disposable, type TreeView,
} from 'vscode';
import type { Commit, HistoryParams, HistoryResult, Together } from '../generated/protocol';
import { changedFiles, shortId, uncommittedChange, type ChangedFile } from './git';
import type { Server } from './server';

/** As much of a change as the server reads. */
const LONGEST_QUERY = 200_000;

interface Group { title: string; files: Together[] }
type Node = Commit | ChangedFile | Group | Together;

/** Owns the answer that the view shows. */
export class ChangesView implements Disposable {
  private readonly view: TreeView<Node>;
  private readonly changed = new EventEmitter<undefined>();
  private roots: Node[] = [];

  constructor(private readonly server: Server) {
    this.view = window.createTreeView<Node>('cognate.changes', {
      treeDataProvider: {
        onDidChangeTreeData: this.changed.event,
        getChildren: (node) => (node ? childrenOf(node) : this.roots),
        getTreeItem: itemOf,
      },
    });
  }

  /** Show commits that are like the selected text, or, where nothing is selected, like what is not committed yet. */
  async likeThis(): Promise<void> {
    const editor = window.activeTextEditor;
    const selected = editor && !editor.selection.isEmpty ? editor.document.getText(editor.selection).trim() : '';
    const query = selected || (await uncommittedChange());
    if (!query) {
      throw new Error(l10n.t('Nothing is selected, and every change is committed. Select a text, or change a file, and try again.'));
    }
    const title = selected ? selected.split('\n', 1)[0] ?? '' : l10n.t('the uncommitted change');
    await this.show(title, { query: query.slice(0, LONGEST_QUERY) });
  }

  /** Ask for commits, and show them. */
  async show(title: string, params: HistoryParams): Promise<void> {
    const open = window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input)
      .filter((input) => input instanceof TabInputText).map(({ uri }) => uri.toString());
    this.list(title, await this.server.request('cognate/history', { ...params, open }));
  }

  /** Show commits that were found. */
  list(title: string, { commits: found, together, message }: HistoryResult): void {
    const beside: Group = { title: l10n.t('Usually changed together'), files: together };
    this.roots = [...(beside.files.length ? [beside] : []), ...found];
    this.view.description = title;
    this.view.message = message ?? (this.roots.length ? undefined : l10n.t('No commit is like this.'));
    this.changed.fire(undefined);
    void commands.executeCommand('cognate.changes.focus', { preserveFocus: true });
  }

  dispose(): void {
    this.view.dispose();
    this.changed.dispose();
  }
}

function childrenOf(node: Node): Node[] | Promise<Node[]> {
  return 'id' in node ? changedFiles(node) : 'title' in node ? node.files : [];
}

function itemOf(node: Node): TreeItem {
  if ('id' in node) {
    const item = new TreeItem(node.subject, TreeItemCollapsibleState.Collapsed);
    item.description = `${shortId(node)} · ${node.age}`;
    item.iconPath = new ThemeIcon('git-commit');
    item.tooltip = new MarkdownString().appendText(node.body ? `${node.subject}\n\n${node.body}` : node.subject);
    return item;
  }
  if ('title' in node) {
    const group = new TreeItem(node.title, TreeItemCollapsibleState.Expanded);
    group.iconPath = new ThemeIcon('files');
    return group;
  }
  const uri = typeof node.uri === 'string' ? Uri.parse(node.uri) : node.uri;
  const item = new TreeItem(uri);
  item.iconPath = ThemeIcon.File;
  item.description = 'commits' in node ? node.commits === 1 ? l10n.t('in 1 commit') : l10n.t('in {0} commits', node.commits) : true;
  item.command = 'commits' in node
    ? { title: l10n.t('Open'), command: 'vscode.open', arguments: [uri] }
    : { title: l10n.t('Open Change'), command: 'cognate.openChange', arguments: [node] };
  return item;
}
