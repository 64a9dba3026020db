// Code like that at the cursor: a view that follows it, and the editor's own peek.

import {
  CancellationTokenSource, commands, l10n, Position, Uri, window, type Disposable, type TextEditor, type TreeView,
} from 'vscode';
import { locationOf } from './places';
import type { RelatedParams } from './protocol';
import type { Server } from './server';
import { HitTree, type Node } from './tree';

const RESTING_MS = 400;
const PINNED = 'cognate.relatedPinned';

/** The place that a person means: the selection, or the cursor's line. */
export function placeOf(editor: TextEditor): RelatedParams {
  const { start, end } = editor.selection;
  return { textDocument: { uri: editor.document.uri.toString() }, range: { start, end } };
}

/** Show related code in the editor's peek, at the place asked about. */
export async function peekRelated(server: Server, place: RelatedParams): Promise<void> {
  const { hits } = await server.request('cognate/related', place);
  if (!hits.length) {
    void window.showInformationMessage(l10n.t('Nothing similar found.'));
    return;
  }
  const start = place.range?.start ?? place.position ?? { line: 0, character: 0 };
  const at = new Position(start.line, start.character);
  const locations = await Promise.all(hits.map(locationOf));
  await commands.executeCommand('editor.action.showReferences', Uri.parse(place.textDocument.uri), at, locations);
}

/** The view that follows the cursor while it is visible and not pinned. */
export class RelatedView implements Disposable {
  private readonly tree = new HitTree();
  private readonly view: TreeView<Node> = window.createTreeView('cognate.related', { treeDataProvider: this.tree });
  private readonly subscriptions: Disposable[];
  private asking: CancellationTokenSource | undefined;
  private resting: NodeJS.Timeout | undefined;
  private pinned = false;
  private shown = '';

  constructor(private readonly server: Server) {
    this.subscriptions = [
      this.view,
      window.onDidChangeTextEditorSelection(() => { this.moved(); }),
      window.onDidChangeActiveTextEditor(() => { this.moved(); }),
      this.view.onDidChangeVisibility(() => { this.moved(); }),
      server.onDidChange(() => { if (!this.shown) { this.moved(); } }),
    ];
  }

  /** Stay with the present place, or follow the cursor again. */
  pin(pinned: boolean): void {
    this.pinned = pinned;
    this.asking?.cancel();
    void commands.executeCommand('setContext', PINNED, pinned);
    this.moved();
  }

  dispose(): void {
    clearTimeout(this.resting);
    this.asking?.cancel();
    this.subscriptions.forEach((subscription) => { subscription.dispose(); });
  }

  private moved(): void {
    clearTimeout(this.resting);
    if (this.view.visible && !this.pinned) {
      this.resting = setTimeout(() => { void this.follow(); }, RESTING_MS);
    }
  }

  private async follow(): Promise<void> {
    const editor = window.activeTextEditor;
    if (editor?.document.uri.scheme !== 'file') {
      return;
    }
    const place = placeOf(editor);
    const key = `${editor.document.version} ${JSON.stringify(place)}`;
    if (key === this.shown) {
      return;
    }
    this.asking?.cancel();
    const asking = (this.asking = new CancellationTokenSource());
    try {
      const { hits, index } = await this.server.request('cognate/related', { ...place, explain: true }, asking.token);
      if (asking.token.isCancellationRequested) {
        return;
      }
      this.shown = index.state === 'ready' ? key : '';
      this.tree.set(hits);
      this.view.message = hits.length ? undefined : l10n.t('Nothing similar to this line.');
      this.view.description = l10n.t('line {0}', editor.selection.active.line + 1);
    } catch {
      this.shown = ''; // outside of every folder, or no server yet: what is shown stays
    }
  }
}
