// Decides which server runs: the setting, the managed environment, or a `cognate` on PATH.

import { l10n, ProgressLocation, window, workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { existingServer, makeEnvironment, newestServer, tidy, use, type Places } from './environment';
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
  let server: string | undefined;
  try {
    server = (await existingServer(places)) ?? (await make(places, log));
    void tidy(places, server, (line) => { log.info(line); });
  } catch (error) {
    log.error(`The environment could not be made: ${String(error)}`);
    server = await newestServer(places);
    if (!server && (await run('cognate', ['--version'])).code !== 0) {
      throw error;
    }
    log.warn(`Using ${server ?? 'the program cognate on PATH'} instead.`);
  }
  if (server) {
    await use(server);
  }
  return server ?? 'cognate';
}

async function make(places: Places, log: LogOutputChannel): Promise<string> {
  const title = l10n.t('Cognate is being set up (once)');
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => { abort.abort(); });
    return makeEnvironment({
      ...places,
      python: workspace.getConfiguration('cognate').get<string>('python') ?? '',
      signal: abort.signal,
      onStep: (message) => { progress.report({ message }); },
      onLine: (line) => { log.info(line); },
    });
  });
}
