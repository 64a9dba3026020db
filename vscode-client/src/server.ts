// The server's life: start, restart after a crash, stop; and the requests to it. Knows no view.

import {
  CancellationTokenSource, EventEmitter, l10n, window, workspace,
  type CancellationToken, type Disposable, type ExtensionContext, type LogOutputChannel,
} from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, type Middleware } from 'vscode-languageclient/node';
import type { SetupFailure } from './failures';
import { askToRetry, locateServer } from './locate';
import { cleanEnvironment } from './process';
import { COMMAND_RELATED, DID_CHANGE_STATUS, type RelatedParams, type Requests, type Status } from './protocol';
import { MOST_RESTARTS, RestartBudget, WITHIN_MINUTES } from './restarts';
import { EDITOR_EXCLUDES, settingsMiddleware } from './settings';

const RESTARTING_SETTINGS = ['cognate.server.path', 'cognate.python'];

export type Life = 'off' | 'preparing' | 'starting' | 'running' | 'restarting' | 'failed';

/** A client that writes its troubles into the log only: what a person has to know is said here, once. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Owns the language client. */
export class Server implements Disposable {
  life: Life = 'off';
  status: Status | undefined;
  private client: LanguageClient | undefined;
  private current: Promise<void> = Promise.resolve();
  private queued = false;
  private readonly budget = new RestartBudget();
  private readonly changed = new EventEmitter<void>();
  private readonly listener: Disposable;
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
    private readonly showRelated: (place: RelatedParams) => unknown,
  ) {
    this.listener = workspace.onDidChangeConfiguration((event) => {
      if (RESTARTING_SETTINGS.some((name) => event.affectsConfiguration(name))) {
        void this.restart();
      } else if (event.affectsConfiguration(EDITOR_EXCLUDES) && this.life === 'running') {
        void this.client?.sendNotification('workspace/didChangeConfiguration', { settings: null });
      }
    });
  }

  /** Start, or stop and start again. Calls made while one is under way become a single one after it. */
  restart(): Promise<void> {
    if (!this.queued) {
      this.queued = true;
      this.current = this.current.then(() => {
        this.queued = false;
        this.budget.clear();
        return this.launch();
      });
    }
    return this.current;
  }

  /** Send a request; fails while no server runs. */
  async request<M extends keyof Requests>(
    method: M, params: Requests[M][0], token: CancellationToken = new CancellationTokenSource().token,
  ): Promise<Requests[M][1]> {
    if (!this.client || this.life !== 'running') {
      throw new Error(this.problem());
    }
    return this.client.sendRequest<Requests[M][1]>(method, params ?? {}, token);
  }

  /** Run one of the server's commands that switch indexing, for all folders; the new status comes by itself. */
  async switchIndexing(command: string): Promise<void> {
    if (!this.client || this.life !== 'running') {
      throw new Error(this.problem());
    }
    await this.client.sendRequest('workspace/executeCommand', { command, arguments: [] });
  }

  /** A sentence about why there are no answers. */
  problem(): string {
    switch (this.life) {
      case 'off':
        return l10n.t('Open a folder to search it by meaning.');
      case 'preparing':
        return l10n.t('Cognate is being set up.');
      case 'failed':
        return l10n.t('The Cognate server does not run; the log says why.');
      case 'restarting':
        return l10n.t('The Cognate server stopped and is being started again.');
      default:
        return l10n.t('The Cognate server is starting.');
    }
  }

  async dispose(): Promise<void> {
    this.listener.dispose();
    this.changed.dispose();
    await this.stop();
  }

  private async launch(): Promise<void> {
    await this.stop();
    this.become('preparing');
    let command: string;
    try {
      command = await locateServer(this.context, this.log);
    } catch (failure) {
      this.become('failed');
      void this.offerSetup(failure as SetupFailure);
      return;
    }
    this.log.info(`Starting ${command}`);
    this.become('starting');
    const client = this.createClient(command);
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.log.error(String(error));
      if (this.client === client && client.state !== State.Running) {
        this.become('failed');
        void this.offerRestart(l10n.t('The Cognate server could not be started: {0}', String(error)));
      }
    }
  }

  private createClient(command: string): LanguageClient {
    const serverOptions = { command, args: ['serve'], options: { env: cleanEnvironment() } };
    const client: LanguageClient = new QuietClient('cognate', 'Cognate', serverOptions, {
      documentSelector: [{ scheme: 'file' }],
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: this.middleware(),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: async () => {
          const again = this.client === client && (await this.waitForRestart());
          return { action: again && this.client === client ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
        },
      },
    });
    client.onDidChangeState(({ newState }) => {
      if (this.client === client && newState === State.Running) {
        this.become('running');
        void this.readStatus(client);
      }
    });
    client.onNotification(DID_CHANGE_STATUS, (status: Status) => {
      this.status = status;
      this.changed.fire();
    });
    return client;
  }

  private middleware(): Middleware {
    return {
      workspace: settingsMiddleware,
      executeCommand: (command, args, next) =>
        command === COMMAND_RELATED ? this.showRelated(args[0] as RelatedParams) : (next(command, args) as unknown),
      resolveCodeLens: async (lens, token, next) => {
        const resolved = await next(lens, token);
        if (resolved?.command) {
          resolved.command = { ...resolved.command, command: 'cognate.peekRelated' };
        }
        return resolved;
      },
      // The status bar says how far the index is, and a notification the first time; the editor's own would be a third.
      handleWorkDoneProgress: () => undefined,
    };
  }

  private async readStatus(client: LanguageClient): Promise<void> {
    try {
      this.status = await client.sendRequest<Status>('cognate/status');
      this.changed.fire();
    } catch (error) {
      this.log.warn(`No status: ${String(error)}`);
    }
  }

  private async waitForRestart(): Promise<boolean> {
    const wait = this.budget.next(Date.now());
    if (wait === undefined) {
      this.become('failed');
      void this.offerRestart(
        l10n.t('The Cognate server stopped more than {0} times in {1} minutes.', MOST_RESTARTS, WITHIN_MINUTES),
      );
      return false;
    }
    this.log.warn(`The server ended; starting it again in ${wait} ms.`);
    this.become('restarting');
    await new Promise((resolve) => setTimeout(resolve, wait));
    return true;
  }

  private async offerSetup(failure: SetupFailure): Promise<void> {
    if (await askToRetry(failure, this.log)) {
      await this.restart();
    }
  }

  private async offerRestart(message: string): Promise<void> {
    const restart = l10n.t('Restart');
    const showLog = l10n.t('Show Log');
    const answer = await window.showErrorMessage(message, restart, showLog);
    if (answer === restart) {
      await this.restart();
    } else if (answer === showLog) {
      this.log.show();
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.status = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.log.warn(`The server did not stop in order: ${String(error)}`);
    }
  }

  private become(life: Life): void {
    this.life = life;
    this.changed.fire();
  }
}
