// Decides which server runs: the setting, the managed environment, or a `cognate` on PATH. Says what a person has to change.

import { l10n, ProgressLocation, window, workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { existingServer, makeEnvironment, type Step } from './environment';
import { SetupFailure, type FailureKind } from './failures';
import { run } from './process';

const SHOWN_CHARACTERS = 60;
const COMPILER = 'Debian and Ubuntu: build-essential, python3-dev';

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
    return await make(storage, wheels, log);
  } catch (error) {
    const failure = error instanceof SetupFailure ? error : new SetupFailure('other', String(error));
    log.error(`The environment could not be made (${failure.kind}): ${failure.detail}`);
    if ((await run('cognate', ['--version'])).code !== 0) {
      throw failure;
    }
    log.warn('Using the program cognate on PATH instead.');
    return 'cognate';
  }
}

async function make(storage: string, wheels: string, log: LogOutputChannel): Promise<string> {
  const title = l10n.t('Cognate is being set up (once)');
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => { abort.abort(); });
    const steps: Record<Step, string> = {
      python: l10n.t('looking for Python'),
      environment: l10n.t('making an environment'),
      packages: l10n.t('installing the server'),
      check: l10n.t('checking the server'),
    };
    let step: Step = 'python';
    return makeEnvironment({
      storage,
      wheels,
      python: workspace.getConfiguration('cognate').get<string>('python') ?? '',
      signal: abort.signal,
      onStep: (next) => {
        step = next;
        progress.report({ message: steps[step] });
      },
      onLine: (line) => {
        log.info(line);
        const names = /^(?:Collecting|Building wheels? for collected packages:|Installing collected packages:) (.+)/.exec(line)?.[1];
        if (names && step === 'packages') {
          progress.report({ message: `${steps.packages}: ${names.slice(0, SHOWN_CHARACTERS)}` });
        }
      },
    });
  });
}

/** What happened and what to do about it, in sentences. */
export function explanation({ kind, detail }: SetupFailure): string {
  const explanations: Record<FailureKind, string> = {
    'no-python': l10n.t('Cognate needs Python 3.10 or newer and found none ({0}). Install it, or name one in the settings.', detail),
    'old-python': l10n.t('Cognate needs Python 3.10 or newer and found {0}. Install a newer one, or name it in the settings.', detail),
    'no-venv': l10n.t('This Python cannot make environments. On Debian and Ubuntu, install the package python3-venv.'),
    'no-network': l10n.t('The packages for Cognate could not be downloaded. Check the network or the proxy settings of pip.'),
    'no-compiler': l10n.t('The package hnswlib has to be compiled here. Install a C++ compiler and Python headers ({0}).', COMPILER),
    'no-space': l10n.t('The disk has no space left for the environment of Cognate, which needs about 500 MB. Make room for it.'),
    cancelled: l10n.t('The set-up of Cognate was cancelled.'),
    other: l10n.t('Cognate could not be set up; the log says why.'),
  };
  return explanations[kind];
}
