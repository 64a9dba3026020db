// The server's life: start, restart after a crash, stop; and the requests to it. Knows no view.

import { setTimeout } from 'node:timers/promises';
import {
  CancellationTokenSource, CodeLens, commands, EventEmitter, l10n, window,
  type CancellationToken, type Disposable, type ExtensionContext, type LogOutputChannel,
} from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, type Middleware } from 'vscode-languageclient/node';
import { COMMAND_RELATED, DID_CHANGE_STATUS, type Requests, type StatusResult } from '../generated/protocol';
import { SetupFailure } from './environment';
import { locateServer } from './locate';
import { cleanEnvironment } from './process';

/** The language client restarts a server this many times in three minutes. */
const MOST_RESTARTS = 5;

export type Life = 'off' | 'preparing' | 'starting' | 'running' | 'failed';

const middleware: Middleware = {
  executeCommand: (command, args, next) =>
    command === COMMAND_RELATED ? commands.executeCommand('cognate.findRelated', ...(args as unknown[])) : (next(command, args) as unknown),
  resolveCodeLens: async (lens, token, next) => {
    const { range, command } = (await next(lens, token)) ?? lens;
    return new CodeLens(range, command && { ...command, command: 'cognate.peekRelated' });
  },
  // The status bar shows how far the index is, and a notification the first time; the editor's own would be a third.
  handleWorkDoneProgress: () => undefined,
};

/** A client that writes errors only to its log: what a person has to know is shown here, once. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Owns the language client. */
export class Server implements Disposable {
  life: Life = 'off';
  /** The last status; undefined unless the server is running. */
  status: StatusResult | undefined;
  private client: LanguageClient | undefined;
  private command = '';
  private launching: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly context: ExtensionContext, private readonly log: LogOutputChannel) {}

  /** Start, or stop and start again. Calls made while one is under way become a single one after it. */
  restart(): Promise<void> {
    this.next ??= this.launching.then(() => {
      this.next = undefined;
      return (this.launching = this.launch());
    });
    return this.next;
  }

  /** Send a request; fails while no server is running. */
  async request<M extends keyof Requests>(method: M, params: Requests[M][0], token?: CancellationToken): Promise<Requests[M][1]> {
    return this.running().sendRequest<Requests[M][1]>(method, params, ...(token ? [token] : []));
  }

  /** The program that runs the server, when it has been found or set up; fails where there is none. */
  async program(): Promise<string> {
    await this.launching;
    if (!this.command) {
      throw new Error(this.problem());
    }
    return this.command;
  }

  /** Run one of the server's commands that switch indexing, for all folders; the server then sends the new status. */
  async run(command: string): Promise<void> {
    await this.running().sendRequest('workspace/executeCommand', { command });
  }

  /** A sentence that says why there are no answers and what to do. */
  problem(): string {
    const problems: Record<Life, string> = {
      off: l10n.t('Open a folder to search it by meaning.'),
      preparing: l10n.t('Cognate is being set up. Try again when that is done.'),
      starting: l10n.t('The Cognate server is starting. Try again in a moment.'),
      running: l10n.t('The Cognate server has not said how far its index is. Try again in a moment.'),
      failed: l10n.t('The Cognate server is not running; the log says why. Restart it from the menu of the status bar.'),
    };
    return problems[this.life];
  }

  async dispose(): Promise<void> {
    this.changed.dispose();
    await this.stop();
  }

  private running(): LanguageClient {
    if (!this.client || this.life !== 'running') {
      throw new Error(this.problem());
    }
    return this.client;
  }

  private async launch(): Promise<void> {
    await this.stop();
    this.become('preparing');
    let client: LanguageClient | undefined;
    try {
      this.command = await locateServer(this.context, this.log);
      client = this.client = this.createClient(this.command);
      await client.start();
    } catch (error) {
      this.log.error(String(error));
      if (error instanceof SetupFailure) {
        void this.fail(error.message, error.isAboutPython);
      } else if (this.client === client && client?.state !== State.Running) {
        void this.fail(l10n.t('The Cognate server could not be started: {0}', String(error)));
      }
    }
  }

  private createClient(command: string): LanguageClient {
    const serverOptions = { command, args: ['serve'], options: { env: cleanEnvironment() } };
    const client: LanguageClient = new QuietClient('cognate', 'Cognate', serverOptions, {
      documentSelector: [{ scheme: 'file' }],
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: async () => {
          const { action } = this.client === client ? await restarts.closed() : { action: CloseAction.DoNotRestart };
          if (this.client === client && action === CloseAction.DoNotRestart) {
            void this.fail(l10n.t('The Cognate server stopped more than {0} times in 3 minutes. The log says why.', MOST_RESTARTS));
          }
          return { action, handled: true };
        },
      },
    });
    const restarts = client.createDefaultErrorHandler(MOST_RESTARTS);
    const take = (status: StatusResult): void => {
      this.status = status;
      this.changed.fire();
    };
    client.onDidChangeState(({ newState }) => {
      if (this.client === client && newState === State.Starting) {
        this.become('starting');
      } else if (this.client === client && newState === State.Running) {
        this.become('running');
        this.request('cognate/status', {}).then(take, (error: unknown) => { this.log.warn(`No status: ${String(error)}`); });
      }
    });
    client.onNotification(DID_CHANGE_STATUS, take);
    return client;
  }

  /** Show what went wrong and what can be done about it, until the person closes the message or tries again. */
  private async fail(message: string, aboutPython = false): Promise<void> {
    this.become('failed');
    const [retry, choose, showLog] = [l10n.t('Retry'), l10n.t('Choose Python'), l10n.t('Show Log')];
    const actions = aboutPython ? [retry, choose, showLog] : [retry, showLog];
    let answer: string | undefined;
    while ((answer = await window.showErrorMessage(message, ...actions)) && answer !== retry) {
      await commands.executeCommand(answer === choose ? 'workbench.action.openSettings' : 'cognate.showLog', 'cognate.python');
    }
    if (answer === retry) {
      await this.restart();
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose().catch((error: unknown) => { this.log.warn(`The server did not stop in order: ${String(error)}`); });
  }

  private become(life: Life): void {
    this.life = life;
    this.status = undefined;
    this.changed.fire();
  }
}

/** Runs one job at a time: a newer one, or `cancel`, takes back the one before, which then returns undefined. */
export class LatestJob {
  private source = new CancellationTokenSource();

  /** Run a job, unless another one follows within the pause. */
  async run<T>(pauseMs: number, job: (token: CancellationToken) => Promise<T>): Promise<T | undefined> {
    this.cancel();
    const { token } = (this.source = new CancellationTokenSource());
    const cancelled = new Promise<undefined>((resolve) => { token.onCancellationRequested(() => { resolve(undefined); }); });
    const answer = setTimeout(pauseMs).then(() => (token.isCancellationRequested ? undefined : job(token)));
    return Promise.race([cancelled, answer]);
  }

  cancel(): void {
    this.source.cancel();
  }
}
