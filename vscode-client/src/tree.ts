// Hits as a tree, grouped by file: what both views show. Knows neither where hits come from nor what is done with them.

import {
  EventEmitter, l10n, MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, workspace, type TreeDataProvider,
} from 'vscode';
import { byFile, focusText, scoreText, symbolIcon, symbolName, whyText } from './format';
import { pathOf } from './places';
import type { Hit } from './protocol';

export interface FileNode {
  uri: string;
  hits: HitNode[];
}

export interface HitNode {
  hit: Hit;
  file: FileNode;
}

export type Node = FileNode | HitNode;

/** Holds the hits of one view. */
export class HitTree implements TreeDataProvider<Node> {
  files: FileNode[] = [];
  private readonly changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  /** Every hit in the order it is shown. */
  get nodes(): HitNode[] {
    return this.files.flatMap((file) => file.hits);
  }

  set(hits: readonly Hit[]): void {
    this.files = [...byFile(hits)].map(([uri, found]) => {
      const file: FileNode = { uri, hits: [] };
      file.hits = found.map((hit) => ({ hit, file }));
      return file;
    });
    this.changed.fire(undefined);
  }

  getChildren(node?: Node): Node[] {
    return node === undefined ? this.files : 'hits' in node ? node.hits : [];
  }

  getParent(node: Node): Node | undefined {
    return 'hits' in node ? undefined : node.file;
  }

  getTreeItem(node: Node): TreeItem {
    return 'hits' in node ? fileItem(node) : hitItem(node);
  }
}

function fileItem({ uri, hits }: FileNode): TreeItem {
  const path = workspace.asRelativePath(Uri.parse(uri));
  const item = new TreeItem(Uri.parse(uri), TreeItemCollapsibleState.Expanded);
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  item.description = folder;
  item.iconPath = ThemeIcon.File;
  item.contextValue = 'file';
  item.accessibilityInformation = { label: l10n.t('{0}, {1} places', path, hits.length) };
  return item;
}

function hitItem(node: HitNode): TreeItem {
  const { hit } = node;
  const text = focusText(hit);
  const line = hit.focusRange.start.line + 1;
  const name = symbolName(hit);
  const item = new TreeItem(name ?? text, TreeItemCollapsibleState.None);
  item.description = `${scoreText(hit.score)}  ${name === undefined ? '' : text}`;
  item.iconPath = new ThemeIcon(symbolIcon(hit));
  item.contextValue = 'hit';
  item.tooltip = tooltip(hit);
  item.command = { title: l10n.t('Open'), command: 'cognate.openResult', arguments: [node] };
  item.accessibilityInformation = { label: l10n.t('{0}, line {1}, score {2}', name ?? text, line, scoreText(hit.score)) };
  return item;
}

function tooltip(hit: Hit): MarkdownString {
  const text = new MarkdownString();
  text.appendText(`${pathOf(hit)}:${hit.focusRange.start.line + 1}`);
  text.appendCodeblock(hit.preview, hit.language);
  if (hit.why) {
    text.appendText(whyText(hit.why));
  }
  return text;
}
