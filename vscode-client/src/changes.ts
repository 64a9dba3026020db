// Changes Like This: past commits that are like a text, a change or a definition, and the files that change with them.

import {
  commands, EventEmitter, l10n, MarkdownString, TabInputText, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, window,
  type Command, type Disposable, type TreeView,
} from 'vscode';
import { ago } from './format';
import { filesOf, shortId, uncommittedChange } from './git';
import type { Commit, HistoryParams, HistoryResult, Together } from './protocol';
import type { Server } from './server';

/** As much of a change as the server reads. */
const LONGEST_QUERY = 10_000;

/** The file of a commit, or one that changes with what was asked about. */
interface FileNode { uri: Uri; commit?: Commit; commits?: number }
interface Group { title: string; files: FileNode[] }
type Node = Commit | Group | FileNode;

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
    await this.show(selected ? selected.split('\n', 1)[0] ?? '' : l10n.t('the uncommitted change'), { query: query.slice(0, LONGEST_QUERY) });
  }

  /** Ask for commits, and show them. */
  async show(title: string, params: HistoryParams): Promise<void> {
    const open = window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input)
      .filter((input) => input instanceof TabInputText).map(({ uri }) => uri.toString());
    this.list(title, await this.server.request('cognate/history', { ...params, open }));
  }

  /** Show commits that were found. */
  list(title: string, { commits: found, together, message }: HistoryResult): void {
    const beside: Group = { title: l10n.t('Usually changed together'), files: together.map(fileOf) };
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

function fileOf({ uri, commits: count }: Together): FileNode {
  return { uri: Uri.parse(uri), commits: count };
}

function childrenOf(node: Node): Node[] {
  return 'id' in node ? filesOf(node).map((uri) => ({ uri, commit: node })) : 'files' in node ? node.files : [];
}

function itemOf(node: Node): TreeItem {
  if ('id' in node) {
    const item = new TreeItem(node.subject, TreeItemCollapsibleState.Collapsed);
    item.description = `${shortId(node)} · ${ago(node.date)}`;
    item.iconPath = new ThemeIcon('git-commit');
    item.tooltip = new MarkdownString().appendText(node.body ? `${node.subject}\n\n${node.body}` : node.subject);
    return item;
  }
  if ('files' in node) {
    const group = new TreeItem(node.title, TreeItemCollapsibleState.Expanded);
    group.iconPath = new ThemeIcon('files');
    return group;
  }
  const item = new TreeItem(node.uri);
  item.iconPath = ThemeIcon.File;
  item.description = node.commits === undefined ? true : l10n.t('in {0} commits', node.commits);
  item.command = opening(node);
  return item;
}

function opening({ uri, commit }: FileNode): Command {
  return commit
    ? { title: l10n.t('Open Change'), command: 'cognate.openChange', arguments: [commit, uri] }
    : { title: l10n.t('Open'), command: 'vscode.open', arguments: [uri] };
}
