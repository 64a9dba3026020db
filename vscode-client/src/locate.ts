// Decides which server runs: the setting, the managed environment, a `cognate` on PATH. Tells a person what is missing.

import { commands, l10n, ProgressLocation, window, workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { existingServer, makeEnvironment, removeOldEnvironments, type Step } from './environment';
import { SetupFailure } from './failures';
import { onPath } from './process';

const SHOWN_LINE = 60;

/**
 * The program to start.
 *
 * @throws SetupFailure when there is none and none can be made.
 */
export async function locateServer(context: ExtensionContext, log: LogOutputChannel): Promise<string> {
  const chosen = workspace.getConfiguration('cognate').get<string>('server.path');
  if (chosen) {
    return chosen;
  }
  const storage = context.globalStorageUri.fsPath;
  const wheels = context.asAbsolutePath('server');
  const existing = await existingServer(storage, wheels);
  if (existing) {
    return existing;
  }
  try {
    const made = await make(storage, wheels, log);
    void removeOldEnvironments(storage);
    return made;
  } catch (error) {
    const failure = error instanceof SetupFailure ? error : new SetupFailure('other', String(error));
    log.error(`The environment could not be made (${failure.kind}): ${failure.detail}`);
    const fallback = onPath('cognate');
    if (!fallback) {
      throw failure;
    }
    log.warn(`Using ${fallback} instead.`);
    return fallback;
  }
}

async function make(storage: string, wheels: string, log: LogOutputChannel): Promise<string> {
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Cognate is being set up (once)'),
    cancellable: true,
  };
  return window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => { abort.abort(); });
    const steps: Record<Step, string> = {
      python: l10n.t('looking for Python'),
      environment: l10n.t('making an environment'),
      packages: l10n.t('installing the server'),
      check: l10n.t('checking'),
    };
    let step: Step = 'python';
    const python = workspace.getConfiguration('cognate').get<string>('python') ?? '';
    return makeEnvironment({
      storage,
      wheels,
      python,
      signal: abort.signal,
      onStep: (next) => {
        step = next;
        progress.report({ message: steps[step] });
      },
      onLine: (line) => {
        log.info(line);
        const package_ = /^(?:Collecting|Building wheels? for collected packages:|Installing collected packages:) (.+)/.exec(line);
        if (package_?.[1] && step === 'packages') {
          progress.report({ message: `${steps.packages}: ${package_[1].slice(0, SHOWN_LINE)}` });
        }
      },
    });
  });
}

/** Say what is missing; whether to try again. */
export async function askToRetry(failure: SetupFailure, log: LogOutputChannel): Promise<boolean> {
  const retry = l10n.t('Retry');
  const showLog = l10n.t('Show Log');
  const choose = l10n.t('Choose Python');
  const aboutPython = failure.kind === 'no-python' || failure.kind === 'old-python' || failure.kind === 'no-venv';
  const actions = aboutPython ? [retry, choose, showLog] : [retry, showLog];
  for (;;) {
    const answer = await window.showErrorMessage(explanation(failure), ...actions);
    if (answer === showLog) {
      log.show();
    } else if (answer === choose) {
      await commands.executeCommand('workbench.action.openSettings', 'cognate.python');
    } else {
      return answer === retry;
    }
  }
}

function explanation({ kind, detail }: SetupFailure): string {
  switch (kind) {
    case 'no-python':
      return l10n.t('Cognate needs Python 3.10 or newer, and found none ({0}). Install it, or name one in the settings.', detail);
    case 'old-python':
      return l10n.t('Cognate needs Python 3.10 or newer, and found {0}. Install a newer one, or name it in the settings.', detail);
    case 'no-venv':
      return l10n.t('This Python cannot make environments. On Debian and Ubuntu, install the package python3-venv.');
    case 'no-network':
      return l10n.t('The packages Cognate needs could not be downloaded. Check the network or pip\'s proxy settings; this is needed once.');
    case 'no-compiler':
      return l10n.t(
        'One package, hnswlib, has to be compiled here. Install a C++ compiler and Python\'s headers (on Debian and Ubuntu: {0}).',
        'build-essential, python3-dev',
      );
    case 'no-space':
      return l10n.t('There is no space left on the disk for Cognate\'s environment (about 500 MB).');
    case 'cancelled':
      return l10n.t('Setting up Cognate was cancelled.');
    case 'other':
      return l10n.t('Cognate could not be set up; the log says why.');
  }
}
