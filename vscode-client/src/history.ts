// Search History by Meaning: a list of commits that answers while a person types, with what each changed as its preview.

import { l10n, ThemeIcon, type QuickPickItem } from 'vscode';
import type { Commit, HistoryResult } from '../generated/protocol';
import type { ChangesView } from './changes';
import { messageOf, withoutIcons } from './format';
import { changedFiles, shortId, showChange, showCommit } from './git';
import { LivePicker } from './picker';
import type { Server } from './server';

interface Item extends QuickPickItem { commit?: Commit }

/** Ask for a query; `text` stands in the box at first. */
export function searchHistory(server: Server, changes: ChangesView, text: string): void {
  new HistoryPicker(server, changes, text);
}

class HistoryPicker extends LivePicker<Item, HistoryResult> {
  private readonly all = { iconPath: new ThemeIcon('list-tree'), tooltip: l10n.t('Open all in the view of changes') };

  constructor(private readonly server: Server, changes: ChangesView, text: string) {
    super(server, l10n.t('Describe a change, or paste the title of an issue or a commit'), 'cognate.searchingHistory');
    const { pick } = this;
    pick.title = l10n.t('Search History by Meaning');
    pick.buttons = [this.all];
    pick.onDidTriggerButton(() => {
      if (this.answer) {
        changes.list(pick.value.trim(), this.answer);
        void this.leaveHere();
      }
    });
    pick.value = text;
    this.reveal();
    void this.ask();
  }

  async accept(): Promise<void> {
    const commit = this.pick.activeItems[0]?.commit;
    if (commit) {
      await this.leaveHere();
      await showCommit(commit);
    }
  }

  protected isFinal({ commits, complete }: HistoryResult): boolean {
    return complete || commits.length > 0;
  }

  protected async ask(pauseMs = 0): Promise<void> {
    const query = this.pick.value.trim();
    if (!query) {
      this.clear([]);
    } else if (await this.find(pauseMs, (token) => this.server.request('cognate/history', { query }, token)) && this.answer) {
      const { commits, message } = this.answer;
      const nothing: Item = { label: l10n.t('Nothing found'), detail: withoutIcons(message ?? ''), alwaysShow: true };
      this.pick.prompt = commits.length ? message : undefined;
      this.pick.items = commits.length ? commits.map(itemOf) : [nothing];
    }
  }

  protected async preview({ commit }: Item): Promise<boolean> {
    if (!commit) {
      return false;
    }
    try {
      const files = await changedFiles(commit);
      const main = files.find(({ uri }) => uri.path.endsWith(`/${commit.files[0] ?? ''}`)) ?? files[0];
      await (main && showChange(main, { preview: true, preserveFocus: true }));
      return main !== undefined;
    } catch (error) {
      this.pick.prompt = messageOf(error);
      return false;
    }
  }
}

function itemOf(commit: Commit): Item {
  const [first] = commit.places;
  const where = first?.symbol ?? commit.files[0] ?? '';
  const more = commit.files.length > 1 ? ` · ${l10n.t('{0} files', commit.files.length)}` : '';
  return {
    commit,
    label: withoutIcons(commit.subject),
    description: `${shortId(commit)} · ${commit.age} · ${commit.score.toFixed(2)}`,
    detail: `${withoutIcons(where)}${more}`,
    iconPath: new ThemeIcon('git-commit'),
    alwaysShow: true,
  };
}
