// Shows a hit in an editor: files and notebook cells, as a preview or for good; and goes back to where one was.

import {
  DecorationRangeBehavior, Location, NotebookRange, OverviewRulerLane, Position, Range, TabInputNotebook, TabInputText,
  TextEditorRevealType, ThemeColor, Uri, ViewColumn, window, workspace, type Disposable, type Tab, type TextEditor,
} from 'vscode';
import type { Hit, Range as WireRange } from './protocol';

export interface Showing {
  preview?: boolean;
  preserveFocus?: boolean;
  column?: ViewColumn;
}

export function rangeOf(range: WireRange): Range {
  return new Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

export function uriOf(hit: Hit): Uri {
  return Uri.parse(hit.location.uri);
}

/** The path as the editor shows it: relative, with the folder's name when several are open. */
export function pathOf(hit: Hit): string {
  return workspace.asRelativePath(uriOf(hit));
}

/** Where the text of a hit is: a notebook's cell has a document of its own. */
export async function locationOf(hit: Hit): Promise<Location> {
  if (hit.cell === undefined) {
    return new Location(uriOf(hit), rangeOf(hit.focusRange));
  }
  const notebook = await workspace.openNotebookDocument(uriOf(hit));
  return new Location(notebook.cellAt(hit.cell).document.uri, rangeOf(hit.focusRange));
}

/** Open a hit's document with the cursor at the focus line; the editor it is shown in, if it is one of text. */
export async function show(hit: Hit, showing: Showing): Promise<TextEditor | undefined> {
  const focus = rangeOf(hit.focusRange);
  const options = { preview: showing.preview, preserveFocus: showing.preserveFocus, viewColumn: showing.column };
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
  const { document } = notebook.cellAt(cell);
  return window.visibleTextEditors.find((candidate) => candidate.document === document);
}

/** Marks the lines of one hit at a time. */
export class Highlighter implements Disposable {
  private marked: TextEditor | undefined;
  private readonly chunk = window.createTextEditorDecorationType({
    isWholeLine: true,
    rangeBehavior: DecorationRangeBehavior.ClosedClosed,
    backgroundColor: new ThemeColor('editor.rangeHighlightBackground'),
    overviewRulerColor: new ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
    overviewRulerLane: OverviewRulerLane.Full,
  });
  private readonly focus = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor('editor.findMatchHighlightBackground'),
  });

  mark(editor: TextEditor | undefined, hit: Hit): void {
    this.clear();
    this.marked = editor;
    const { start, end } = rangeOf(hit.location.range);
    // The range ends at the start of the line after the chunk.
    editor?.setDecorations(this.chunk, [new Range(start, new Position(Math.max(start.line, end.line - 1), 0))]);
    editor?.setDecorations(this.focus, [rangeOf(hit.focusRange)]);
  }

  clear(): void {
    this.marked?.setDecorations(this.chunk, []);
    this.marked?.setDecorations(this.focus, []);
    this.marked = undefined;
  }

  dispose(): void {
    this.chunk.dispose();
    this.focus.dispose();
  }
}

/** Where a person was before a search moved the editor. */
export class Waypoint {
  private readonly group = window.tabGroups.activeTabGroup;
  private readonly tab = this.group.activeTab;
  private readonly openBefore = new Set(this.group.tabs.map(uriOfTab));
  private readonly editor = window.activeTextEditor;
  private readonly selections = this.editor?.selections;
  private readonly visible = this.editor?.visibleRanges[0];

  /** Go back, and close what only the search had opened. */
  async restore(): Promise<void> {
    const uri = uriOfTab(this.tab);
    const column = this.group.viewColumn;
    const here = { viewColumn: column, preview: this.tab?.isPreview ?? false };
    if (this.editor && this.selections) {
      // The list has given the focus back already; taking it again would close what was opened since.
      const editor = await window.showTextDocument(this.editor.document, { ...here, preserveFocus: true });
      editor.selections = this.selections;
      if (this.visible) {
        editor.revealRange(this.visible, TextEditorRevealType.AtTop);
      }
    } else if (uri !== undefined && this.tab?.input instanceof TabInputNotebook) {
      await window.showNotebookDocument(await workspace.openNotebookDocument(Uri.parse(uri)), here);
    }
    const group = window.tabGroups.all.find((candidate) => candidate.viewColumn === column);
    const left = group?.tabs.filter((tab) => tab.isPreview && !tab.isDirty && !this.openBefore.has(uriOfTab(tab))) ?? [];
    await window.tabGroups.close(left.filter((tab) => uriOfTab(tab) !== undefined), true);
  }
}

function uriOfTab(tab: Tab | undefined): string | undefined {
  const input: unknown = tab?.input;
  return input instanceof TabInputText || input instanceof TabInputNotebook ? input.uri.toString() : undefined;
}
