// Hits as a tree, grouped by file: what both views show. Knows neither where hits come from nor what is done with them.

import {
  EventEmitter, l10n, MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, window, workspace,
  type Disposable, type TreeView,
} from 'vscode';
import type { Hit } from '../generated/protocol';
import { byFile, symbolIcon, whyText } from './format';
import { copiesOf, pathOf } from './show';

const COPIES_SHOWN = 20;

interface FileNode { uri: Uri; hits: Hit[] }

type Node = FileNode | Hit;

/** A view that shows hits below their files. */
export class HitView implements Disposable {
  protected files: FileNode[] = [];
  protected readonly view: TreeView<Node>;
  private readonly changed = new EventEmitter<undefined>();

  constructor(id: string) {
    this.view = window.createTreeView<Node>(id, {
      showCollapseAll: true,
      treeDataProvider: {
        onDidChangeTreeData: this.changed.event,
        getChildren: (node) => (node === undefined ? this.files : 'hits' in node ? node.hits : []),
        getParent: (node) => ('hits' in node ? undefined : this.files.find(({ hits }) => hits.includes(node))),
        getTreeItem: (node) => ('hits' in node ? fileItem(node) : hitItem(node)),
      },
    });
  }

  /** Every hit in the order it is shown. */
  get hits(): Hit[] {
    return this.files.flatMap(({ hits }) => hits);
  }

  dispose(): void {
    this.view.dispose();
  }

  protected set(hits: readonly Hit[], description?: string, message?: string): void {
    this.files = [...byFile(hits)].map(([uri, found]) => ({ uri: Uri.parse(uri), hits: found }));
    this.changed.fire(undefined);
    this.view.description = description;
    this.view.message = message;
  }
}

function fileItem({ uri, hits }: FileNode): TreeItem {
  const item = new TreeItem(uri, TreeItemCollapsibleState.Expanded);
  item.description = true; // the folder of the URI
  item.iconPath = ThemeIcon.File;
  item.accessibilityInformation = { label: l10n.t('{0}, {1} results', workspace.asRelativePath(uri), hits.length) };
  return item;
}

function hitItem(hit: Hit): TreeItem {
  const line = hit.focusText.trim();
  const number = hit.focusRange.start.line + 1;
  const score = hit.score.toFixed(2);
  const name = hit.symbol?.qualified;
  const item = new TreeItem(name ?? line);
  item.description = `${score}  ${name === undefined ? '' : line}${copiesOf(hit)}`;
  item.iconPath = new ThemeIcon(symbolIcon(hit));
  item.tooltip = new MarkdownString()
    .appendText(`${pathOf(hit)}:${number}`)
    .appendCodeblock(hit.preview, hit.language)
    .appendText(hit.why ? whyText(hit.why) : '')
    .appendMarkdown((hit.copies ?? []).length ? `\n\n${l10n.t('The same text:')}\n` : '');
  for (const { uri, range } of (hit.copies ?? []).slice(0, COPIES_SHOWN)) {
    item.tooltip.appendMarkdown('\n- ').appendText(`${workspace.asRelativePath(Uri.parse(uri))}:${range.start.line + 1}`);
  }
  item.command = { title: l10n.t('Open'), command: 'cognate.openResult', arguments: [hit] };
  item.accessibilityInformation = { label: l10n.t('{0}, line {1}, score {2}', name ?? line, number, score) };
  return item;
}
