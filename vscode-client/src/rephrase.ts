// Other wordings of a question, from a chat model of the editor or from the server's endpoint. The server owns the prompt
// and reads the reply; a question leaves the editor only here. Knows no view.

import { l10n, LanguageModelChatMessage, LanguageModelError, lm, workspace, type CancellationToken } from 'vscode';
import type { RephrasedResult } from '../generated/protocol';
import { messageOf } from './format';
import type { Server } from './server';

const SHOWN_CHARACTERS = 60;

/** When a model may be asked: never, when a person says so, or after a pause in typing, too. */
export function whenToRephrase(): 'off' | 'ask' | 'auto' {
  return workspace.getConfiguration('cognate').get('rephrase') ?? 'ask';
}

/** Ask for other wordings of a query. Where there are none, the message is a sentence that says why. */
export async function rephrase(server: Server, query: string, token: CancellationToken): Promise<RephrasedResult> {
  // A workspace's value does not count: it would choose where questions are sent.
  if (workspace.getConfiguration('cognate').inspect('rephraseEndpoint')?.globalValue) {
    return server.request('cognate/rephrased', { query }, token);
  }
  const [model] = await lm.selectChatModels();
  if (!model) {
    return { also: [], message: l10n.t('There is no chat model: add one to the editor, or set cognate.rephraseEndpoint.') };
  }
  const { system, user } = await server.request('cognate/rephrase', { query }, token);
  let reply = '';
  try {
    const messages = [system, user].map((text) => LanguageModelChatMessage.User(text)); // there is no role for the system's
    const justification = l10n.t('To ask your question in other words. Only the question and the names of languages are sent.');
    for await (const text of (await model.sendRequest(messages, { justification }, token)).text) {
      reply += text;
    }
  } catch (error) {
    return { also: [], message: reason(model.name, error) };
  }
  return server.request('cognate/rephrased', { query, reply }, token);
}

function reason(model: string, error: unknown): string {
  const said = messageOf(error).trim().split('\n', 1).join('').slice(0, SHOWN_CHARACTERS);
  switch (error instanceof LanguageModelError ? error.code : undefined) {
    case LanguageModelError.NoPermissions.name:
      return l10n.t('Cognate may not use {0}: it was not allowed.', model);
    case LanguageModelError.Blocked.name:
      return l10n.t('{0} takes no requests now, maybe for a quota: {1}', model, said);
    case LanguageModelError.NotFound.name:
      return l10n.t('{0} is no longer here; nothing was asked in other words.', model);
    default:
      return l10n.t('{0} did not answer: {1}', model, said);
  }
}
