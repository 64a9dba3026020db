// A list that answers while a person types, previews the line it stands on, and goes back on Escape.

import { setTimeout } from 'node:timers/promises';
import { commands, window, type CancellationToken, type QuickPick, type QuickPickItem } from 'vscode';
import { messageOf } from './format';
import { LatestJob, type Server } from './server';
import { clearMarks, Waypoint } from './show';

const TYPING_PAUSE_MS = 120;
const PREVIEW_PAUSE_MS = 80;

let open: { hide: () => void } | undefined;

/** What all such lists do; their kinds say what is asked and shown. Opening one closes the other. */
export abstract class LivePicker<Item extends QuickPickItem, Answer> {
  readonly pick: QuickPick<Item> = window.createQuickPick<Item>();
  protected answer: Answer | undefined;
  protected hidden = false;
  protected readonly back = new Waypoint();
  private readonly searching = new LatestJob();
  private readonly listener;
  private showing: Promise<unknown> = Promise.resolve();
  private previewed = false;
  private stays = false;

  /** `flag` is set in the editor's contexts, for keys, while the list is open. */
  constructor(server: Server, placeholder: string, private readonly flag: string) {
    open?.hide();
    const { pick } = this;
    open = pick;
    pick.placeholder = placeholder;
    // The list is the server's: neither filtered nor sorted again. The editor does not declare this property.
    Object.assign(pick, { sortByLabel: false });
    pick.onDidChangeValue(() => { void this.ask(TYPING_PAUSE_MS); });
    pick.onDidChangeActive(([item]) => { this.showing = this.showing.then(() => this.rest(item)); });
    pick.onDidAccept(() => { this.accept().catch((error: unknown) => window.showWarningMessage(messageOf(error))); });
    pick.onDidHide(() => { if (!this.hidden) { void this.leave(); } });
    this.listener = server.onDidChange(() => { if (pick.value.trim() && this.isWorthAsking(server)) { void this.ask(); } });
  }

  /** Take the line that the list stands on. */
  abstract accept(): Promise<void>;
  /** Ask for what the box says, unless another key follows within the pause. */
  protected abstract ask(pauseMs?: number): Promise<void>;
  /** Whether the answer may stay when the index becomes ready. */
  protected abstract isFinal(answer: Answer): boolean;
  /** Show what a line is about; false if it is about nothing that can be shown. */
  protected abstract preview(item: Item): Promise<boolean>;

  /** Open the list, or open it again. */
  protected reveal(): void {
    this.hidden = false;
    this.pick.show();
    void commands.executeCommand('setContext', this.flag, true);
  }

  /** Close the list, with the editor where it stands now. */
  protected async leaveHere(): Promise<void> {
    this.stays = true;
    this.pick.hide();
    await this.showing;
  }

  /** Ask the server; whether `answer` is new. It is gone after an error, which is then the only line. */
  protected async find(pauseMs: number, ask: (token: CancellationToken) => Promise<Answer>): Promise<boolean> {
    this.pick.busy = true;
    try {
      const answer = await this.searching.run(pauseMs, ask);
      if (answer === undefined) {
        return false; // a newer question is on its way
      }
      this.answer = answer;
    } catch (error) {
      this.answer = undefined;
      this.pick.items = [{ label: messageOf(error), alwaysShow: true } as Item];
    }
    this.pick.busy = false;
    return true;
  }

  /** Forget the question: the box is empty. */
  protected clear(items: Item[]): void {
    this.searching.cancel();
    this.answer = undefined;
    this.pick.busy = false;
    this.pick.items = items;
  }

  /** Close the list and go back to where the person was, unless they chose to stay. */
  protected async leave(): Promise<void> {
    void commands.executeCommand('setContext', this.flag, false);
    this.hidden = true;
    this.searching.cancel();
    this.listener.dispose();
    this.pick.dispose();
    await this.showing;
    clearMarks();
    if (!this.stays && this.previewed) {
      await this.back.restore();
    }
  }

  /** Whether there is no answer yet, or only that of an index which has become ready since. */
  private isWorthAsking(server: Server): boolean {
    return !this.answer || (server.status?.state === 'ready' && !this.isFinal(this.answer));
  }

  /** Preview a line, unless the list has left it within the pause. */
  private async rest(item: Item | undefined): Promise<void> {
    const isActive = (): boolean => !this.hidden && this.pick.activeItems[0] === item;
    if (item && isActive()) {
      await setTimeout(PREVIEW_PAUSE_MS);
      if (isActive()) {
        this.previewed = (await this.preview(item)) || this.previewed;
      }
    }
  }
}
