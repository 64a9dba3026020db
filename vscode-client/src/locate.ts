// Decides which server runs: the setting, the managed environment, or a `cognate` on PATH. Says what a person has to change.

import { l10n, ProgressLocation, window, workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { earlierServer, existingServer, makeEnvironment, tidy, use, type Places, type Step } from './environment';
import { messageOf, NEWEST, SetupFailure, type FailureKind } from './failures';
import { run } from './process';

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
  const places: Places = {
    storage: context.globalStorageUri.fsPath,
    wheels: context.asAbsolutePath('server'),
    script: context.asAbsolutePath('setup'),
  };
  let server = await existingServer(places);
  if (server) {
    void tidy(places, server, (line) => { log.info(line); });
  } else {
    try {
      server = await make(places, log);
    } catch (error) {
      const failure = error instanceof SetupFailure ? error : new SetupFailure('other', messageOf(error));
      log.error(`The environment could not be made (${failure.kind}): ${failure.detail}`);
      server = await earlierServer(places);
      if (server) {
        log.warn(`Using the environment of an earlier version instead: ${server}`);
      } else if ((await run('cognate', ['--version'])).code === 0) {
        log.warn('Using the program cognate on PATH instead.');
        return 'cognate';
      } else {
        throw failure;
      }
    }
  }
  await use(server);
  return server;
}

async function make(places: Places, log: LogOutputChannel): Promise<string> {
  const title = l10n.t('Cognate is being set up (once)');
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => { abort.abort(); });
    const steps: Record<Step, string> = {
      python: l10n.t('looking for Python'),
      waiting: l10n.t('another window is at it'),
      environment: l10n.t('making an environment'),
      packages: l10n.t('downloading the server'),
      unpacking: l10n.t('installing the server'),
      check: l10n.t('checking the server'),
    };
    return makeEnvironment({
      ...places,
      python: workspace.getConfiguration('cognate').get<string>('python') ?? '',
      signal: abort.signal,
      onStep: (step) => { progress.report({ message: steps[step] }); },
      onBytes: (done, total) => {
        progress.report({ message: l10n.t('{0}: {1} of {2} MB', steps.packages, Math.round(done / 1e6), Math.round(total / 1e6)) });
      },
      onLine: (line) => { log.info(line); },
    });
  });
}

/** What happened and what to do about it, in sentences. */
export function explanation({ kind, detail }: SetupFailure): string {
  const range = `3.10 to ${NEWEST}`;
  const explanations: Record<FailureKind, string> = {
    'no-python': l10n.t('Cognate needs Python {0} and found none ({1}). Install it, or name one in the settings.', range, detail),
    'old-python': l10n.t('Cognate needs Python {0} and found {1}. Install a newer one, or name it in the settings.', range, detail),
    'new-python': l10n.t('Cognate needs Python {0} and found {1}. Install one of these, or name it in the settings.', range, detail),
    'no-venv': l10n.t('This Python cannot make environments. On Debian and Ubuntu, install the package python3-venv.'),
    'no-network': l10n.t('The packages for Cognate could not be downloaded. Check the network or the proxy settings of pip.'),
    'no-package': l10n.t('The package index of pip lacks what Cognate needs, or has other files of that name; the log says which.'),
    'no-space': l10n.t('The disk is full. The environment of Cognate takes 600 MB while it is made, 240 MB then. Make room and try again.'),
    cancelled: l10n.t('The set-up of Cognate was cancelled.'),
    other: l10n.t('Cognate could not be set up; the log says why.'),
  };
  return explanations[kind];
}
