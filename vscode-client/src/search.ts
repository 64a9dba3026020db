// Search by Meaning: a list that answers while a person types, previews each result, and goes back on Escape.

import { basename } from 'node:path/posix';
import {
  l10n, QuickPickItemKind, ThemeIcon, ViewColumn, window, workspace,
  type CancellationToken, type Memento, type QuickInputButton, type QuickPickItem,
} from 'vscode';
import type { Hit, RephrasedResult, SearchParams, SearchResult } from '../generated/protocol';
import { messageOf, symbolIcon, whyText, withoutIcons } from './format';
import { LivePicker } from './picker';
import { questionOf, remembered } from './query';
import { rephrase, whenToRephrase } from './rephrase';
import type { ResultsView } from './results';
import { LatestJob, type Server } from './server';
import { clearMarks, copiesOf, mark, pathOf, show, uriOf } from './show';

const REPHRASING_PAUSE_MS = 600;
const RECENT = 'cognate.recentQueries';
/** The score is a probability: below this, the first answer is more likely wrong than right. */
const LIKELY = 0.5;

interface Item extends QuickPickItem { hit?: Hit; query?: string; rephrases?: boolean }

interface Answer { params: SearchParams; result: SearchResult }

export interface SearchContext { server: Server; results: ResultsView; memory: Memento }

let open: SearchPicker | undefined;

/** Ask for a query; `text` stands in the box at first. */
export function searchByMeaning(context: SearchContext, text = ''): void {
  open = new SearchPicker(context, text);
}

/** Open the active result in a column beside. */
export async function openToSide(): Promise<void> {
  await open?.accept(ViewColumn.Beside);
}

class SearchPicker extends LivePicker<Item, Answer> {
  private readonly rephrasing = new LatestJob();
  private readonly context: SearchParams['context'];
  private readonly buttons = {
    rephrase: { iconPath: new ThemeIcon('sparkle'), tooltip: l10n.t('Ask in other words') },
    folder: { iconPath: new ThemeIcon('folder'), tooltip: l10n.t('Only in a folder…') },
    language: { iconPath: new ThemeIcon('symbol-keyword'), tooltip: l10n.t('Only in a language…') },
    why: { iconPath: new ThemeIcon('question'), tooltip: l10n.t('Why these results') },
    all: { iconPath: new ThemeIcon('list-tree'), tooltip: l10n.t('Open all in the results view') },
  } satisfies Record<string, QuickInputButton>;
  private readonly side = { iconPath: new ThemeIcon('split-horizontal'), tooltip: l10n.t('Open to the side') };
  private readonly forget = { iconPath: new ThemeIcon('close'), tooltip: l10n.t('Forget this query') };
  private readonly remove = { iconPath: new ThemeIcon('close'), tooltip: l10n.t('Ask without these words') };
  private wordings: RephrasedResult & { question: string } = { question: '', also: [] };
  private folders: string[] = [];
  private explaining = false;

  constructor(private readonly around: SearchContext, text: string) {
    super(
      around.server,
      l10n.t('Describe what the code does. Filters: lang:python path:src/ -path:tests "exact words"'),
      'cognate.searching',
    );
    const editor = window.activeTextEditor;
    this.context = editor && { textDocument: { uri: editor.document.uri.toString() }, position: editor.selection.active };
    const { pick } = this;
    pick.buttons = Object.values(this.buttons).filter((button) => button !== this.buttons.rephrase || whenToRephrase() !== 'off');
    pick.onDidTriggerButton((button) => { void this.pressed(button); });
    pick.onDidTriggerItemButton(({ item, button }) => { void this.pressedOn(item, button); });
    pick.value = text;
    this.reveal();
    void this.ask();
  }

  /** Open the active result for good, or take up an earlier query. */
  async accept(column?: ViewColumn): Promise<void> {
    const [item] = this.pick.activeItems;
    if (item?.query !== undefined) {
      this.pick.value = item.query;
      await this.ask();
    } else if (item?.rephrases) {
      await this.rephrase();
    } else if (item?.hit) {
      await this.remember();
      await this.leaveHere();
      if (column !== undefined) {
        await this.back.restore();
      }
      await show(item.hit, { viewColumn: column });
    }
  }

  protected override reveal(): void {
    this.describe();
    super.reveal();
  }

  protected override async leave(): Promise<void> {
    this.rephrasing.cancel();
    await super.leave();
  }

  protected isFinal({ result }: Answer): boolean {
    return result.index.state === 'ready';
  }

  protected async ask(pauseMs = 0): Promise<void> {
    const question = questionOf(this.pick.value);
    if (question !== this.wordings.question) {
      this.rephrasing.cancel();
      this.wordings = { question, also: [] };
      if (whenToRephrase() === 'auto') {
        void this.rephrase(REPHRASING_PAUSE_MS);
      }
    }
    const params = { ...this.params(this.pick.value.trim()), explain: true };
    if (!params.query) {
      const about = { iconPath: new ThemeIcon('history'), buttons: [this.forget] };
      this.clear(this.recent().map((query) => ({ query, label: withoutIcons(query), ...about })));
    } else if (!await this.find(pauseMs, async (token) => ({ params, result: await this.search(params, token) }))) {
      return;
    } else if (this.answer) {
      this.list();
    }
    this.describe();
  }

  /** Ask for other wordings of the question, then search with them; typing or leaving ends it. */
  private async rephrase(pauseMs = 0): Promise<void> {
    const { question } = this.wordings;
    const found = question && await this.rephrasing.run(pauseMs, async (token) => {
      this.wordings = { question, also: [], message: l10n.t('Asking in other words…') };
      this.describe();
      this.pick.ignoreFocusOut = true; // the editor may ask whether this extension may use the model
      const asked = rephrase(this.around.server, this.pick.value.trim(), token);
      const wordings = await asked.catch((error: unknown) => ({ also: [], message: messageOf(error) }));
      this.pick.ignoreFocusOut = false;
      return wordings;
    });
    if (found) {
      this.wordings = { question, ...found };
      await this.ask();
    }
  }

  private search(params: SearchParams, token?: CancellationToken): Promise<SearchResult> {
    return this.around.server.request('cognate/search', params, token);
  }

  private params(query: string): SearchParams {
    return { query, also: this.wordings.also, scope: { folders: this.folders }, context: this.context };
  }

  /** Show the other wordings, the answers, and what else to ask; the list stands on a hit, at first on the best. */
  private list(active?: Hit): void {
    const { hits = [], message, suggestions = [], queries = [] } = this.answer?.result ?? {};
    const advice = message ?? l10n.t('Ask in other words, or with fewer filters.');
    const nothing: Item = { label: l10n.t('Nothing found'), detail: withoutIcons(advice), alwaysShow: true };
    const line = (query: string, label: string, icon: string): Item =>
      ({ query, label: withoutIcons(label), iconPath: new ThemeIcon(icon), alwaysShow: true });
    const others = this.wordings.also.map((wording) => ({ ...line(wording, wording, 'quote'), buttons: [this.remove] }));
    const instead = queries.map((query, index) => line(query, suggestions[index] ?? query, 'lightbulb'));
    if ((hits[0]?.score ?? 0) < LIKELY && !others.length && whenToRephrase() !== 'off') {
      const { iconPath, tooltip: label } = this.buttons.rephrase;
      instead.push({ rephrases: true, label, iconPath, alwaysShow: true });
    }
    const rule = (label: string): Item => ({ label, kind: QuickPickItemKind.Separator });
    const answers = hits.length ? hits.map((hit) => this.item(hit)) : [nothing];
    const above = others.length ? [rule(l10n.t('also asked as')), ...others, rule('')] : [];
    this.pick.items = [...above, ...answers, ...instead];
    this.pick.activeItems = this.pick.items.filter(({ hit }) => hit && hit === (active ?? hits[0]));
  }

  private item(hit: Hit): Item {
    const name = hit.symbol?.qualified;
    const stale = hit.stale ? ` · ${l10n.t('changed since')}` : '';
    const wording = this.answer?.params.also?.find((other) => other === hit.foundBy);
    const about = `${stale}${copiesOf(hit)}${wording === undefined ? '' : ` · ${l10n.t('as “{0}”', withoutIcons(wording))}`}`;
    const cell = hit.cell === undefined ? '' : ` ${l10n.t('cell {0}', hit.cell + 1)}`;
    return {
      hit,
      label: name ? `$(${symbolIcon(hit)}) ${withoutIcons(name)}` : withoutIcons(basename(uriOf(hit).path)),
      description: `${withoutIcons(pathOf(hit))}${cell}:${hit.focusRange.start.line + 1} · ${hit.score.toFixed(2)}${about}`,
      detail: this.explaining && hit.why ? whyText(hit.why) : withoutIcons(hit.focusText.trim()),
      iconPath: ThemeIcon.File,
      resourceUri: uriOf(hit),
      alwaysShow: true,
      buttons: [this.side],
    };
  }

  private describe(): void {
    const { status } = this.around.server;
    const names = workspace.workspaceFolders?.filter((folder) => this.folders.includes(folder.uri.toString())) ?? [];
    const progress = status && status.state !== 'ready' ? [status.summary] : [];
    this.pick.title = [l10n.t('Search by Meaning'), ...names.map((folder) => folder.name), ...progress].join(' · ');
    const { hits, message } = this.answer?.result ?? {};
    this.pick.prompt = this.wordings.message ?? (hits?.length ? message : undefined);
  }

  /** Show a hit beside the list. */
  protected async preview({ hit }: Item): Promise<boolean> {
    if (hit) {
      try {
        mark(await show(hit, { preview: true, preserveFocus: true }), hit);
      } catch {
        clearMarks(); // the file is gone since; the list says where it was
      }
    }
    return hit !== undefined;
  }

  private async pressed(button: QuickInputButton): Promise<void> {
    if (button === this.buttons.rephrase) {
      await this.rephrase();
    } else if (button === this.buttons.why) {
      this.explaining = !this.explaining;
      this.list(this.pick.activeItems[0]?.hit);
    } else if (button === this.buttons.all && this.answer) {
      const { params, result } = this.answer;
      await this.remember();
      await this.around.results.show(params.query, () => this.search(params), result);
      await this.leaveHere();
    } else if (button === this.buttons.folder || button === this.buttons.language) {
      await this.narrow(button === this.buttons.folder ? 'folder' : 'language');
    }
  }

  /** Let another list choose a filter, then come back to this one. */
  private async narrow(by: 'folder' | 'language'): Promise<void> {
    this.hidden = true;
    try {
      const { also, scope, context } = this.params('');
      const params = { query: this.pick.value, by, also, scope, textDocument: context?.textDocument };
      const { choices } = await this.around.server.request('cognate/narrow', params);
      const iconPath = new ThemeIcon(by === 'folder' ? 'folder' : 'symbol-keyword');
      const items = choices.map((choice) => ({ ...choice, description: choice.about, iconPath: choice.about ? iconPath : undefined }));
      const placeHolder = by === 'folder' ? l10n.t('Search only in this folder') : l10n.t('Search only in this language');
      const chosen = await window.showQuickPick(items, { placeHolder, matchOnDescription: true });
      this.pick.value = chosen?.query ?? this.pick.value;
      this.folders = chosen?.folders ?? this.folders;
    } catch (error) {
      void window.showWarningMessage(messageOf(error));
    }
    this.reveal();
    await this.ask();
  }

  private async pressedOn(item: Item, button: QuickInputButton): Promise<void> {
    if (button === this.forget) {
      await this.around.memory.update(RECENT, this.recent().filter((query) => query !== item.query));
      await this.ask();
    } else if (button === this.remove) {
      this.wordings.also = this.wordings.also.filter((wording) => wording !== item.query);
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
