// The status bar: how far the index is, and a menu. Also the notification of the first index.

import {
  commands, ConfigurationTarget, l10n, MarkdownString, ProgressLocation, StatusBarAlignment, ThemeColor, window, workspace,
  type QuickPickItem, type StatusBarItem,
} from 'vscode';
import { COMMAND_PAUSE, type StatusResult } from '../generated/protocol';
import type { Server } from './server';

/** The codicon for each state of the index. */
const STATE_ICONS: Readonly<Record<string, string>> = {
  empty: 'loading~spin', indexing: 'sync~spin', 'catching-up': 'sync~spin', ready: 'search', paused: 'debug-pause',
  'lexical-only': 'whole-word', error: 'error',
};

/** The item in the status bar, which follows the server. */
export function createStatusBar(server: Server): StatusBarItem {
  const item = window.createStatusBarItem('cognate.status', StatusBarAlignment.Right, 90);
  let showingFirstIndex = false;

  async function update(): Promise<void> {
    const { life, status } = server;
    const failed = life === 'failed' || status?.state === 'error';
    const icon = status ? STATE_ICONS[status.state] : life === 'off' ? 'circle-slash' : failed ? 'error' : 'loading~spin';
    item.text = `$(${icon ?? 'search'}) Cognate${status?.short ? `: ${status.short}` : ''}`;
    item.backgroundColor = failed ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    item.tooltip = status ? details(status) : server.problem();
    item.accessibilityInformation = { label: status ? `Cognate: ${status.summary}` : server.problem(), role: 'button' };
    void commands.executeCommand('setContext', 'cognate.paused', status?.state === 'paused');
    if (status?.state === 'indexing' && !showingFirstIndex) {
      showingFirstIndex = true;
      await showFirstIndex(server);
      showingFirstIndex = false;
    }
  }

  item.name = 'Cognate';
  item.command = 'cognate.showMenu';
  server.onDidChange(() => void update());
  void update();
  item.show();
  return item;
}

/** Only the first index of a folder is worth a notification; for later ones the status bar is enough. */
async function showFirstIndex(server: Server): Promise<void> {
  const title = l10n.t('Cognate is indexing this folder; you can search it already');
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  await window.withProgress(options, (progress, token) => new Promise<void>((resolve) => {
    token.onCancellationRequested(() => { void server.run(COMMAND_PAUSE); });
    let reported = 0;
    const listener = server.onDidChange(() => {
      const { status } = server;
      if (status?.state === 'indexing') {
        const percent = status.chunks ? Math.floor(status.coverage * 100) : 0;
        progress.report({ increment: percent - reported, message: status.summary });
        reported = percent;
      } else {
        listener.dispose();
        resolve();
      }
    });
  }));
}

/** The menu behind the status bar item. */
export async function showMenu(server: Server): Promise<void> {
  const entry = (icon: string, label: string, command: string): QuickPickItem & { command: string } =>
    ({ label: `$(${icon}) ${label}`, command: `cognate.${command}` });
  const running = [
    entry('search', l10n.t('Search by Meaning…'), 'searchByMeaning'),
    server.status?.state === 'paused'
      ? entry('debug-start', l10n.t('Resume indexing'), 'resumeIndexing')
      : entry('debug-pause', l10n.t('Pause indexing'), 'pauseIndexing'),
    entry('dashboard', l10n.t('Pace of indexing'), 'choosePace'),
    entry('refresh', l10n.t('Index everything again'), 'reindexAll'),
    entry('question', l10n.t('Why is this file (not) indexed?'), 'explainThisFile'),
  ];
  const always = [
    entry('debug-restart', l10n.t('Restart the server'), 'restartServer'),
    entry('output', l10n.t('Show the log'), 'showLog'),
    entry('clippy', l10n.t('Copy debug information'), 'copyDebugInformation'),
    entry('settings-gear', l10n.t('Settings'), 'openSettings'),
  ];
  const entries = server.life === 'running' ? [...running, ...always] : always;
  const about = { title: server.status?.summary ?? server.problem(), placeHolder: server.status?.message };
  const chosen = await window.showQuickPick(entries, about);
  if (chosen) {
    await commands.executeCommand(chosen.command);
  }
}

/** Lets a person choose when embeddings are made; the choice is theirs, not a workspace's. */
export async function choosePace(): Promise<void> {
  const settings = workspace.getConfiguration('cognate');
  const current = settings.get('indexingPace');
  const choice = (pace: string, label: string, detail: string): QuickPickItem & { pace: string } =>
    ({ pace, label, detail, description: pace === current ? l10n.t('chosen') : '' });
  const chosen = await window.showQuickPick([
    choice('now', l10n.t('Now'), l10n.t('Gently on battery, or while the machine saves power')),
    choice('gently', l10n.t('Gently'), l10n.t('On one thread, with pauses')),
    choice('idle', l10n.t('Only when idle'), l10n.t('After a minute in which you neither asked nor typed')),
  ], { title: l10n.t('When are embeddings made?') });
  if (chosen) {
    await settings.update('indexingPace', chosen.pace, ConfigurationTarget.Global);
  }
}

function details({ summary, model, memory, message }: StatusResult): MarkdownString {
  const used = memory === undefined ? '' : l10n.t('Memory: {0} MB', Math.round(memory / 1e6));
  return new MarkdownString().appendText([summary, l10n.t('Model: {0}', model), used, message].filter(Boolean).join('\n'));
}
