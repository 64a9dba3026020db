// The results view: what a search or a request for related code found, kept until the next one.

import { commands, env, l10n, window } from 'vscode';
import type { Hit, SearchResult } from '../generated/protocol';
import { markdownLink } from './format';
import { clearMarks, mark, pathOf, show } from './show';
import { HitView } from './tree';

const HAS_RESULTS = 'cognate.hasResults';

/** Owns the question that the view answers. */
export class ResultsView extends HitView {
  private ask: (() => Promise<SearchResult>) | undefined;
  private current: Hit | undefined;

  constructor() {
    super('cognate.results');
  }

  /** Show the answer to a question, which `ask` asks again for a refresh; without an answer it is asked now. */
  async show(title: string, ask: () => Promise<SearchResult>, answer?: SearchResult): Promise<void> {
    const { hits, message } = answer ?? (await ask());
    this.ask = ask;
    this.current = undefined;
    const files = new Set(hits.map(({ location }) => location.uri)).size;
    const found = hits.length ? l10n.t('{0} results in {1} files', hits.length, files) : l10n.t('Nothing found.');
    this.set(hits, title, message ? `${found} ${message}` : found);
    void commands.executeCommand('setContext', HAS_RESULTS, hits.length > 0);
    void commands.executeCommand('cognate.results.focus', { preserveFocus: true });
  }

  async refresh(): Promise<void> {
    if (this.ask) {
      await this.show(this.view.description ?? '', this.ask);
    }
  }

  clear(): void {
    this.ask = this.current = undefined;
    this.set([]);
    clearMarks();
    void commands.executeCommand('setContext', HAS_RESULTS, false);
  }

  /** Open the next result, or the one before; after the last one comes the first. */
  async step(by: 1 | -1): Promise<void> {
    const { hits } = this;
    const index = this.current ? hits.indexOf(this.current) : -1;
    const next = hits[index < 0 ? (by > 0 ? 0 : hits.length - 1) : (index + by + hits.length) % hits.length];
    if (next) {
      await this.view.reveal(next, { select: true });
      await this.open(next);
    }
  }

  /** Open one result and mark its lines. */
  async open(hit: Hit): Promise<void> {
    this.current = hit;
    mark(await show(hit, { preview: true }), hit);
  }

  /** Put Markdown links to all results on the clipboard. */
  async copy(): Promise<void> {
    const links = this.hits.map((hit) => markdownLink(pathOf(hit), hit.focusRange.start.line, hit.symbol?.qualified));
    await env.clipboard.writeText(links.join('\n'));
    void window.setStatusBarMessage(l10n.t('{0} links copied', links.length), 3000);
  }
}
