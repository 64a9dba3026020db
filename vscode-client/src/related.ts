// Code related to that at the cursor: a view that follows it, and the editor's own peek.

import { commands, l10n, Position, Uri, window, type Disposable, type TextEditor } from 'vscode';
import type { Hit } from '../generated/protocol';
import { LatestJob, type Server } from './server';
import { locationOf } from './show';
import { HitView } from './tree';

const RESTING_MS = 400;
const KIND = 'cognate.relatedKind';

/** What related code is asked for; a lens and a code action give it like this. */
export interface Place { textDocument: { uri: string }; range: Hit['focusRange'] }

/** What a person means by "this code": the selection, or the cursor's line. */
export function selectedIn(editor: TextEditor): Place {
  const { start, end } = editor.selection;
  return { textDocument: { uri: editor.document.uri.toString() }, range: { start, end } };
}

/** Where it begins. */
export function startOf({ range: { start } }: Place): Position {
  return new Position(start.line, start.character);
}

/** Show hits in the editor's peek, at a selection. */
export async function peek(hits: Hit[], at: Place): Promise<void> {
  if (!hits.length) {
    void window.showInformationMessage(l10n.t('There is no code similar to this.'));
    return;
  }
  const locations = await Promise.all(hits.map(locationOf));
  await commands.executeCommand('editor.action.showReferences', Uri.parse(at.textDocument.uri), startOf(at), locations);
}

/** The view that follows the cursor while it is visible and not pinned. */
export class RelatedView extends HitView {
  private readonly latest = new LatestJob();
  private readonly subscriptions: Disposable[];
  private kind = 'similar';
  private pinned: Place | undefined;
  private place: Place | undefined;
  private shown = '';

  constructor(private readonly server: Server) {
    super('cognate.related');
    const follow = (): void => { void this.follow(); };
    this.subscriptions = [
      window.onDidChangeTextEditorSelection(follow),
      window.onDidChangeActiveTextEditor(follow),
      this.view.onDidChangeVisibility(follow),
      server.onDidChange(() => { if (!this.shown) { follow(); } }),
    ];
    void commands.executeCommand('setContext', KIND, this.kind);
  }

  /** List code that is related in another way, to the same place if the list is pinned. */
  async show(kind: string): Promise<void> {
    this.kind = kind;
    await commands.executeCommand('setContext', KIND, kind);
    await commands.executeCommand('cognate.related.focus', { preserveFocus: true });
    await this.follow();
  }

  /** Keep the present list, or follow the cursor again. */
  pin(pinned: boolean): void {
    this.pinned = pinned ? this.place : undefined;
    void commands.executeCommand('setContext', 'cognate.relatedPinned', this.pinned !== undefined);
    void this.follow();
  }

  override dispose(): void {
    super.dispose();
    this.latest.cancel();
    this.subscriptions.forEach((subscription) => { subscription.dispose(); });
  }

  private async follow(): Promise<void> {
    this.latest.cancel();
    const editor = window.activeTextEditor?.document.uri.scheme === 'file' ? window.activeTextEditor : undefined;
    const { kind } = this;
    const params = this.pinned ?? (editor && selectedIn(editor));
    const key = JSON.stringify([kind, params, this.pinned ? 'pinned' : editor?.document.version]);
    if (!this.view.visible || !params || key === this.shown) {
      return;
    }
    try {
      const answer = await this.latest.run(RESTING_MS, (token) =>
        this.server.request('cognate/related', { ...params, kind, explain: true }, token));
      if (answer) {
        this.shown = answer.index.state === 'ready' ? key : '';
        this.place = params;
        const line = startOf(params).line + 1;
        const title = kind === 'similar' ? l10n.t('line {0}', line) : l10n.t('{0} of line {1}', kind, line);
        const nothing = answer.message ?? l10n.t('There is no code similar to this line.');
        this.set(answer.hits, title, answer.hits.length ? undefined : nothing);
      }
    } catch {
      this.shown = ''; // the file is outside every folder, or no server is running: the list stays
    }
  }
}
