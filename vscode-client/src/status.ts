// The status bar: how far the index is, and a menu. Also the notification of the first index.

import {
  commands, l10n, MarkdownString, ProgressLocation, StatusBarAlignment, ThemeColor, window,
  type Disposable, type Memento, type QuickPickItem,
} from 'vscode';
import { percent, stateIcon } from './format';
import { COMMAND_PAUSE, type Status } from './protocol';
import type { Server } from './server';

const INDEXED_BEFORE = 'cognate.indexedBefore';

/** Owns the status bar item. */
export class StatusBar implements Disposable {
  private readonly item = window.createStatusBarItem('cognate.status', StatusBarAlignment.Right, 90);
  private readonly listener: Disposable;
  private showingProgress = false;

  constructor(private readonly server: Server, private readonly memory: Memento) {
    this.item.name = 'Cognate';
    this.item.command = 'cognate.showMenu';
    this.listener = server.onDidChange(() => { this.update(); });
    this.update();
    this.item.show();
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }

  private update(): void {
    const { life, status } = this.server;
    const failed = life === 'failed' || (life === 'running' && status?.state === 'error');
    this.item.text = text(this.server);
    this.item.backgroundColor = failed ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    this.item.tooltip = life === 'running' && status ? details(status) : this.server.problem();
    this.item.accessibilityInformation = { label: this.item.text.replace(/\$\([^)]*\) ?/, ''), role: 'button' };
    void commands.executeCommand('setContext', 'cognate.paused', status?.state === 'paused');
    if (life === 'running' && status?.state === 'indexing' && !this.memory.get(INDEXED_BEFORE)) {
      void this.showFirstIndex();
    }
  }

  /** Only the first index of a folder is worth a notification; later ones take the status bar. */
  private async showFirstIndex(): Promise<void> {
    if (this.showingProgress) {
      return;
    }
    this.showingProgress = true;
    const title = l10n.t('Cognate is indexing this folder; searches answer already');
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    await window.withProgress(options, (progress, token) => new Promise<void>((resolve) => {
      let reported = 0;
      const listener = this.server.onDidChange(() => {
        const { life, status } = this.server;
        if (life === 'running' && status?.state === 'indexing') {
          const done = status.chunks ? percent(status.coverage) : 0;
          progress.report({ increment: done - reported, message: l10n.t('{0} %, {1} files', done, status.files) });
          reported = done;
          return;
        }
        listener.dispose();
        resolve();
      });
      token.onCancellationRequested(() => { void this.server.switchIndexing(COMMAND_PAUSE); });
    }));
    this.showingProgress = false;
    if (this.server.status?.state === 'ready') {
      await this.memory.update(INDEXED_BEFORE, true);
    }
  }
}

interface Entry extends QuickPickItem {
  command: string;
}

/** The menu behind the status bar item. */
export async function showMenu(server: Server): Promise<void> {
  const paused = server.status?.state === 'paused';
  const running: Entry[] = [
    { label: `$(search) ${l10n.t('Search by Meaning…')}`, command: 'cognate.searchByMeaning' },
    paused
      ? { label: `$(debug-start) ${l10n.t('Resume indexing')}`, command: 'cognate.resumeIndexing' }
      : { label: `$(debug-pause) ${l10n.t('Pause indexing')}`, command: 'cognate.pauseIndexing' },
    { label: `$(refresh) ${l10n.t('Index everything again')}`, command: 'cognate.reindexAll' },
    { label: `$(question) ${l10n.t('Why is this file (not) indexed?')}`, command: 'cognate.explainThisFile' },
  ];
  const always: Entry[] = [
    { label: `$(debug-restart) ${l10n.t('Restart the server')}`, command: 'cognate.restartServer' },
    { label: `$(output) ${l10n.t('Show the log')}`, command: 'cognate.showLog' },
    { label: `$(settings-gear) ${l10n.t('Settings')}`, command: 'cognate.openSettings' },
  ];
  const title = text(server).replace(/\$\([^)]*\) ?/, '');
  const placeHolder = server.life === 'running' ? server.status?.message || summary(server.status) : server.problem();
  const chosen = await window.showQuickPick([...(server.life === 'running' ? running : []), ...always], { title, placeHolder });
  if (chosen) {
    await commands.executeCommand(chosen.command);
  }
}

function text({ life, status }: Server): string {
  if (life === 'off') {
    return '$(circle-slash) Cognate';
  }
  if (life === 'failed') {
    return `$(error) ${l10n.t('Cognate: no server')}`;
  }
  if (life !== 'running' || !status) {
    return `$(loading~spin) ${l10n.t('Cognate: starting')}`;
  }
  return `$(${stateIcon(status.state)}) ${stateText(status)}`;
}

function stateText({ state, coverage, chunks }: Status): string {
  switch (state) {
    case 'empty':
      return l10n.t('Cognate: opening');
    case 'indexing':
    case 'catching-up':
      return chunks && percent(coverage) === 100 // what is left takes a moment: searches find everything
        ? l10n.t('Cognate: finishing')
        : l10n.t('Cognate: indexing {0} %', chunks ? percent(coverage) : 0);
    case 'ready':
      return l10n.t('Cognate');
    case 'paused':
      return l10n.t('Cognate: paused');
    case 'lexical-only':
      return l10n.t('Cognate: words only');
    case 'error':
      return l10n.t('Cognate: error');
  }
}

function summary(status: Status | undefined): string {
  return status ? l10n.t('{0} files, {1} pieces of code', status.files, status.chunks) : '';
}

function details(status: Status): MarkdownString {
  const text = new MarkdownString();
  text.appendMarkdown(`**${stateText(status)}**\n\n`);
  text.appendText(`${summary(status)}\n`);
  text.appendText(`${l10n.t('Model: {0}', status.model)}\n`);
  if (status.memory !== undefined) {
    text.appendText(`${l10n.t('Memory: {0} MB', Math.round(status.memory / 1e6))}\n`);
  }
  if (status.message) {
    text.appendMarkdown('\n\n');
    text.appendText(status.message);
  }
  return text;
}
