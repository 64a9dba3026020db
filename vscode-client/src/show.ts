// Shows a hit in an editor, in a file or a notebook cell; marks its lines; and goes back to where a person was.

import {
  DecorationRangeBehavior, l10n, Location, NotebookRange, OverviewRulerLane, Position, Range, TabInputNotebook, TabInputText,
  TabInputTextDiff, TextEditorRevealType, ThemeColor, Uri, window, workspace,
  type Tab, type TextDocumentShowOptions, type TextEditor,
} from 'vscode';
import type { Hit } from '../generated/protocol';

function rangeOf(range: Hit['focusRange']): Range {
  return new Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

export function uriOf(hit: Hit): Uri {
  return Uri.parse(hit.location.uri);
}

/** The path as the editor shows it: relative, with the folder's name when several are open. */
export function pathOf(hit: Hit): string {
  return workspace.asRelativePath(uriOf(hit));
}

/** How many more places have the same text, to stand behind the first; empty when there are none. */
export function copiesOf({ copies }: Hit): string {
  const count = copies?.length ?? 0;
  return count === 0 ? '' : ` · ${count === 1 ? l10n.t('and 1 more place') : l10n.t('and {0} more places', count)}`;
}

/** The focus line as a location; a notebook cell has a document of its own. */
export async function locationOf(hit: Hit): Promise<Location> {
  const notebook = hit.cell === undefined ? undefined : await workspace.openNotebookDocument(uriOf(hit));
  return new Location(notebook?.cellAt(hit.cell ?? 0).document.uri ?? uriOf(hit), rangeOf(hit.focusRange));
}

/** Open a hit with the cursor on its focus line; returns the text editor that shows it, if there is one. */
export async function show(hit: Hit, options: TextDocumentShowOptions): Promise<TextEditor | undefined> {
  const focus = rangeOf(hit.focusRange);
  if (hit.cell === undefined) {
    const editor = await window.showTextDocument(uriOf(hit), { ...options, selection: new Range(focus.start, focus.start) });
    editor.revealRange(focus, TextEditorRevealType.InCenterIfOutsideViewport);
    return editor;
  }
  const notebook = await workspace.openNotebookDocument(uriOf(hit));
  const cell = Math.min(hit.cell, notebook.cellCount - 1);
  const cells = new NotebookRange(cell, cell + 1);
  const editor = await window.showNotebookDocument(notebook, { ...options, selections: [cells] });
  editor.revealRange(cells);
  return window.visibleTextEditors.find(({ document }) => document === notebook.cellAt(cell).document);
}

const chunkStyle = window.createTextEditorDecorationType({
  isWholeLine: true,
  rangeBehavior: DecorationRangeBehavior.ClosedClosed,
  backgroundColor: new ThemeColor('editor.rangeHighlightBackground'),
  overviewRulerColor: new ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  overviewRulerLane: OverviewRulerLane.Full,
});
const focusColor = new ThemeColor('editor.findMatchHighlightBackground');
const focusStyle = window.createTextEditorDecorationType({ isWholeLine: true, backgroundColor: focusColor });
let marked: TextEditor | undefined;

/** Mark the lines of a hit, and those of no other. */
export function mark(editor: TextEditor | undefined, hit: Hit): void {
  clearMarks();
  marked = editor;
  const { start, end } = rangeOf(hit.location.range);
  // The range ends at the start of the line after the chunk.
  editor?.setDecorations(chunkStyle, [new Range(start, new Position(Math.max(start.line, end.line - 1), 0))]);
  editor?.setDecorations(focusStyle, [rangeOf(hit.focusRange)]);
}

export function clearMarks(): void {
  marked?.setDecorations(chunkStyle, []);
  marked?.setDecorations(focusStyle, []);
  marked = undefined;
}

/** Where a person was before a search moved the editor. */
export class Waypoint {
  private readonly group = window.tabGroups.activeTabGroup;
  private readonly tab = this.group.activeTab;
  private readonly openBefore = new Set([undefined, ...this.group.tabs.map(uriOfTab)]);
  private readonly editor = window.activeTextEditor;
  private readonly selections = this.editor?.selections;
  private readonly visible = this.editor?.visibleRanges[0];

  /** Go back, and close the previews that the search opened. */
  async restore(): Promise<void> {
    const input: unknown = this.tab?.input;
    const here = { viewColumn: this.group.viewColumn, preview: this.tab?.isPreview ?? false };
    if (this.editor && this.selections) {
      // The list has given the focus back already; taking it again would close what was opened since.
      const editor = await window.showTextDocument(this.editor.document, { ...here, preserveFocus: true });
      editor.selections = this.selections;
      if (this.visible) {
        editor.revealRange(this.visible, TextEditorRevealType.AtTop);
      }
    } else if (input instanceof TabInputNotebook) {
      await window.showNotebookDocument(await workspace.openNotebookDocument(input.uri), here);
    }
    const group = window.tabGroups.all.find(({ viewColumn }) => viewColumn === here.viewColumn);
    const left = group?.tabs.filter((tab) => tab.isPreview && !tab.isDirty && !this.openBefore.has(uriOfTab(tab))) ?? [];
    await window.tabGroups.close(left, true);
  }
}

function uriOfTab(tab: Tab | undefined): string | undefined {
  const input: unknown = tab?.input;
  if (input instanceof TabInputTextDiff) {
    return input.modified.toString();
  }
  return input instanceof TabInputText || input instanceof TabInputNotebook ? input.uri.toString() : undefined;
}
