// The results view: what a search or a question for related code found, kept until the next one.

import { commands, env, l10n, window, type Disposable, type TreeView } from 'vscode';
import { markdownLink, symbolName } from './format';
import { Highlighter, pathOf, show } from './places';
import type { Hit, RelatedParams, Requests, SearchParams, SearchResult } from './protocol';
import type { Server } from './server';
import { HitTree, type HitNode, type Node } from './tree';

const HAS_RESULTS = 'cognate.hasResults';

type Question =
  | { method: 'cognate/search'; params: SearchParams; title: string }
  | { method: 'cognate/related'; params: RelatedParams; title: string };

/** Owns the view and the question it answers. */
export class ResultsView implements Disposable {
  private readonly tree = new HitTree();
  private readonly view: TreeView<Node> = window.createTreeView('cognate.results', {
    treeDataProvider: this.tree,
    showCollapseAll: true,
  });
  private readonly highlighter = new Highlighter();
  private readonly listener = window.onDidChangeTextEditorSelection(({ kind }) => { if (kind) { this.highlighter.clear(); } });
  private question: Question | undefined;
  private current: Hit | undefined;

  constructor(private readonly server: Server) {}

  /** Show the answer to a search. */
  showSearch(params: SearchParams, result: SearchResult): void {
    this.fill({ method: 'cognate/search', params, title: params.query }, result);
  }

  /** Ask for code like that at a place, and show it. */
  async showRelated(params: RelatedParams, name: string): Promise<void> {
    const question: Question = { method: 'cognate/related', params: { ...params, explain: true }, title: l10n.t('like {0}', name) };
    this.fill(question, await this.server.request(question.method, question.params));
  }

  /** Ask the same question again. */
  async refresh(): Promise<void> {
    const question = this.question;
    if (question) {
      const params: Requests[typeof question.method][0] = question.params;
      this.fill(question, await this.server.request(question.method, params));
    }
  }

  clear(): void {
    this.question = this.current = undefined;
    this.tree.set([]);
    this.view.description = this.view.message = undefined;
    this.highlighter.clear();
    void commands.executeCommand('setContext', HAS_RESULTS, false);
  }

  /** Open the next place, or the one before; past the end it begins again. */
  async step(by: 1 | -1): Promise<void> {
    const { nodes } = this.tree;
    const at = nodes.findIndex((node) => node.hit === this.current);
    const next = nodes[at < 0 ? (by > 0 ? 0 : nodes.length - 1) : (at + by + nodes.length) % nodes.length];
    if (next) {
      await this.view.reveal(next, { select: true });
      await this.open(next);
    }
  }

  /** Open one place and mark its lines. */
  async open({ hit }: HitNode): Promise<void> {
    this.current = hit;
    this.highlighter.mark(await show(hit, { preview: true }), hit);
  }

  /** Put Markdown links to all places on the clipboard. */
  async copy(): Promise<void> {
    const links = this.tree.nodes.map(({ hit }) => markdownLink(pathOf(hit), hit.focusRange.start.line, symbolName(hit)));
    await env.clipboard.writeText(links.join('\n'));
    void window.setStatusBarMessage(l10n.t('{0} links copied', links.length), 3000);
  }

  /** Show all places in the editor's own peek. */
  hits(): Hit[] {
    return this.tree.nodes.map(({ hit }) => hit);
  }

  dispose(): void {
    this.listener.dispose();
    this.highlighter.dispose();
    this.view.dispose();
  }

  private fill(question: Question, { hits }: SearchResult): void {
    this.question = question;
    this.current = undefined;
    this.tree.set(hits);
    this.view.description = question.title;
    this.view.message = hits.length
      ? l10n.t('{0} places in {1} files', hits.length, this.tree.files.length)
      : l10n.t('Nothing found.');
    void commands.executeCommand('setContext', HAS_RESULTS, hits.length > 0);
    void commands.executeCommand('cognate.results.focus', { preserveFocus: true });
  }
}
