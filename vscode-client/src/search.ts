// Search by Meaning: a list that answers while one types, shows each place, and brings one back on Escape.

import { basename } from 'node:path/posix';
import {
  commands, CancellationTokenSource, l10n, ThemeIcon, ViewColumn, window, workspace,
  type Disposable, type Memento, type QuickInputButton, type QuickPick, type QuickPickItem,
} from 'vscode';
import { focusText, percent, scoreText, symbolIcon, symbolName, whyText, withoutIcons } from './format';
import { chooseFolder, chooseLanguage, type Narrowed } from './narrow';
import { Highlighter, pathOf, show, uriOf, Waypoint } from './places';
import type { Hit, SearchParams, SearchResult } from './protocol';
import { remembered } from './query';
import type { Server } from './server';

const TYPING_PAUSE_MS = 120;
const PREVIEW_PAUSE_MS = 80;
const RECENT = 'cognate.recentQueries';
const SEARCHING = 'cognate.searching';

interface Item extends QuickPickItem {
  hit?: Hit;
  query?: string;
}

export interface SearchContext {
  server: Server;
  memory: Memento;
  showResults: (params: SearchParams, result: SearchResult) => unknown;
}

let open: SearchPicker | undefined;

/** Ask for a query; `text` stands in the box at first. */
export function searchByMeaning(context: SearchContext, text = ''): void {
  open?.close();
  open = new SearchPicker(context, text);
}

/** Open the place that the list is on in a column beside. */
export async function openToSide(): Promise<void> {
  await open?.accept(ViewColumn.Beside);
}

class SearchPicker {
  private readonly pick: QuickPick<Item> = window.createQuickPick<Item>();
  private readonly back = new Waypoint();
  private readonly highlighter = new Highlighter();
  private readonly subscriptions: Disposable[];
  private readonly context: SearchParams['context'];
  private readonly buttons = {
    folder: { iconPath: new ThemeIcon('folder'), tooltip: l10n.t('Only in a folder…') },
    language: { iconPath: new ThemeIcon('symbol-keyword'), tooltip: l10n.t('Only in a language…') },
    why: { iconPath: new ThemeIcon('question'), tooltip: l10n.t('Why these results') },
    all: { iconPath: new ThemeIcon('list-tree'), tooltip: l10n.t('Open all in the results view') },
  } satisfies Record<string, QuickInputButton>;
  private readonly side = { iconPath: new ThemeIcon('split-horizontal'), tooltip: l10n.t('Open to the side') };
  private readonly forget = { iconPath: new ThemeIcon('close'), tooltip: l10n.t('Forget this query') };
  private asking: CancellationTokenSource | undefined;
  private typing: NodeJS.Timeout | undefined;
  private moving: NodeJS.Timeout | undefined;
  private showing: Promise<unknown> = Promise.resolve();
  private answer: { params: SearchParams; result: SearchResult } | undefined;
  private folders: string[] = [];
  private explaining = false;
  private stays = false;
  private behind = false;
  private previewed = false;

  constructor(private readonly around: SearchContext, text: string) {
    const editor = window.activeTextEditor;
    this.context = editor && {
      textDocument: { uri: editor.document.uri.toString() },
      position: editor.selection.active,
    };
    const { pick } = this;
    pick.placeholder = l10n.t('What does the code do that you are looking for? Filters: lang:python path:src/ -path:tests "exact words"');
    pick.buttons = Object.values(this.buttons);
    // The list is the server's: neither filtered nor sorted again. The editor does not declare this property.
    Object.assign(pick, { sortByLabel: false });
    this.subscriptions = [
      pick.onDidChangeValue(() => { this.typed(); }),
      pick.onDidChangeActive(([item]) => { this.moved(item); }),
      pick.onDidAccept(() => { void this.accept(); }),
      pick.onDidTriggerButton((button) => { void this.pressed(button); }),
      pick.onDidTriggerItemButton(({ item, button }) => { void this.pressedOn(item, button); }),
      pick.onDidHide(() => { if (!this.behind) { void this.leave(); } }),
      around.server.onDidChange(() => { if (!this.answer && this.pick.value.trim()) { void this.ask(); } }),
    ];
    pick.value = text;
    this.reveal();
    void this.ask();
  }

  /** Open the active place for good, or take up a former query. */
  async accept(column?: ViewColumn): Promise<void> {
    const [item] = this.pick.activeItems;
    if (item?.query !== undefined) {
      this.pick.value = item.query;
      await this.ask();
    } else if (item?.hit) {
      this.stays = column === undefined;
      await this.remember();
      this.close();
      await this.showing;
      if (column !== undefined) {
        await this.back.restore();
      }
      await show(item.hit, { column });
    }
  }

  close(): void {
    this.pick.hide();
  }

  private reveal(): void {
    this.behind = false;
    this.describe();
    this.pick.show();
    void commands.executeCommand('setContext', SEARCHING, true);
  }

  private async leave(): Promise<void> {
    void commands.executeCommand('setContext', SEARCHING, false);
    this.asking?.cancel();
    clearTimeout(this.typing);
    clearTimeout(this.moving);
    this.subscriptions.forEach((subscription) => { subscription.dispose(); });
    this.pick.dispose();
    await this.showing;
    this.highlighter.clear();
    this.highlighter.dispose();
    if (!this.stays && this.previewed) {
      await this.back.restore();
    }
  }

  private typed(): void {
    this.asking?.cancel();
    clearTimeout(this.typing);
    this.typing = setTimeout(() => { void this.ask(); }, TYPING_PAUSE_MS);
  }

  private async ask(): Promise<void> {
    this.asking?.cancel();
    const query = this.pick.value.trim();
    if (!query) {
      this.answer = undefined;
      this.pick.busy = false;
      this.pick.items = this.recent().map((text) => this.recentItem(text));
      this.describe();
      return;
    }
    const asking = (this.asking = new CancellationTokenSource());
    const scope = this.folders.length ? { folders: this.folders } : undefined;
    const params: SearchParams = { query, scope, context: this.context, explain: true };
    this.pick.busy = true;
    try {
      const result = await this.around.server.request('cognate/search', params, asking.token);
      if (!asking.token.isCancellationRequested) {
        this.answer = { params, result };
        this.list();
      }
    } catch (error) {
      if (!asking.token.isCancellationRequested) {
        this.answer = undefined;
        this.pick.items = [{ label: error instanceof Error ? error.message : String(error), alwaysShow: true }];
      }
    } finally {
      if (this.asking === asking) {
        this.pick.busy = false;
      }
    }
    this.describe();
  }

  private list(): void {
    const hits = this.answer?.result.hits ?? [];
    const nothing = { label: l10n.t('Nothing found'), detail: l10n.t('Ask in other words, or with fewer filters.'), alwaysShow: true };
    this.pick.items = hits.length ? hits.map((hit) => this.item(hit)) : [nothing];
  }

  private item(hit: Hit): Item {
    const line = focusText(hit);
    const name = symbolName(hit);
    const stale = hit.stale ? ` · ${l10n.t('changed since')}` : '';
    const cell = hit.cell === undefined ? '' : ` ${l10n.t('cell {0}', hit.cell + 1)}`;
    return {
      hit,
      label: name ? `$(${symbolIcon(hit)}) ${withoutIcons(name)}` : withoutIcons(basename(uriOf(hit).path)),
      description: `${withoutIcons(pathOf(hit))}${cell}:${hit.focusRange.start.line + 1} · ${scoreText(hit.score)}${stale}`,
      detail: this.explaining && hit.why ? whyText(hit.why) : withoutIcons(line),
      iconPath: ThemeIcon.File,
      resourceUri: uriOf(hit),
      alwaysShow: true,
      buttons: [this.side],
    };
  }

  private recentItem(query: string): Item {
    return { query, label: withoutIcons(query), iconPath: new ThemeIcon('history'), buttons: [this.forget] };
  }

  private describe(): void {
    const { status } = this.around.server;
    const index = this.answer?.result.index ?? status?.index;
    const names = workspace.workspaceFolders?.filter((folder) => this.folders.includes(folder.uri.toString())) ?? [];
    const parts = [l10n.t('Search by Meaning'), ...names.map((folder) => folder.name)];
    if (index?.state === 'indexing' || index?.state === 'catching-up') {
      parts.push(l10n.t('indexing, {0} % so far', percent(index.coverage)));
    } else if (index?.state === 'paused') {
      parts.push(l10n.t('indexing is paused'));
    } else if (index?.state === 'lexical-only') {
      parts.push(l10n.t('by words only: no model'));
    }
    this.pick.title = parts.join(' · ');
  }

  private moved(item: Item | undefined): void {
    clearTimeout(this.moving);
    const hit = item?.hit;
    if (hit) {
      this.moving = setTimeout(() => { this.showing = this.showing.then(() => this.preview(hit)); }, PREVIEW_PAUSE_MS);
    }
  }

  private async preview(hit: Hit): Promise<void> {
    if (this.behind || this.pick.activeItems[0]?.hit !== hit) {
      return;
    }
    this.previewed = true;
    try {
      this.highlighter.mark(await show(hit, { preview: true, preserveFocus: true }), hit);
    } catch {
      this.highlighter.clear(); // the file is gone since; the list says where it was
    }
  }

  private async pressed(button: QuickInputButton): Promise<void> {
    if (button === this.buttons.why) {
      this.explaining = !this.explaining;
      const place = this.answer?.result.hits.findIndex((hit) => hit === this.pick.activeItems[0]?.hit) ?? -1;
      this.list();
      this.pick.activeItems = this.pick.items.slice(Math.max(0, place), Math.max(0, place) + 1);
    } else if (button === this.buttons.all && this.answer) {
      this.stays = true;
      await this.remember();
      this.around.showResults(this.answer.params, this.answer.result);
      this.close();
    } else if (button === this.buttons.folder) {
      await this.narrow((narrowed) => chooseFolder(this.around.server, narrowed));
    } else if (button === this.buttons.language) {
      await this.narrow((narrowed) => chooseLanguage(this.around.server, narrowed));
    }
  }

  /** Let another list choose a filter, then come back to this one. */
  private async narrow(choose: (narrowed: Narrowed) => Promise<Narrowed | undefined>): Promise<void> {
    this.behind = true;
    try {
      const chosen = await choose({ query: this.pick.value, folders: this.folders });
      this.pick.value = chosen?.query ?? this.pick.value;
      this.folders = chosen?.folders ?? this.folders;
    } catch (error) {
      void window.showWarningMessage(String(error));
    }
    this.reveal();
    await this.ask();
  }

  private async pressedOn(item: Item, button: QuickInputButton): Promise<void> {
    if (button === this.forget) {
      await this.around.memory.update(RECENT, this.recent().filter((query) => query !== item.query));
      await this.ask();
    } else if (item.hit) {
      this.pick.activeItems = [item];
      await this.accept(ViewColumn.Beside);
    }
  }

  private recent(): readonly string[] {
    return this.around.memory.get<string[]>(RECENT) ?? [];
  }

  private async remember(): Promise<void> {
    await this.around.memory.update(RECENT, remembered(this.recent(), this.pick.value));
  }
}
