// A chat model that does what a file says, read at each request, and notes in another what it was asked.
//
// The first file holds {models, consent, reply, error, slow}: whether there is a model, whether the editor has to ask a
// person before others may use it, and what it answers: a reply, an error of that code, or nothing until it is cancelled.
// A command sets cognate.rephrase to the field `when`, in the person's own settings.

const fs = require('node:fs');
const vscode = require('vscode');

const folder = process.env.COGNATE_TEST_MODEL;
const told = () => JSON.parse(fs.readFileSync(`${folder}/told.json`, 'utf-8'));
const note = (event) => { fs.appendFileSync(`${folder}/noted.jsonl`, `${JSON.stringify(event)}\n`); };
const about = { name: 'Parrot', family: 'parrot', version: '1', maxInputTokens: 10000, maxOutputTokens: 1000, capabilities: {} };

const provider = {
  provideLanguageModelChatInformation: () => {
    const { models, consent } = told();
    return models ? [{ ...about, id: consent ? 'shy' : 'parrot', requiresAuthorization: consent || undefined }] : [];
  },
  provideLanguageModelChatResponse: async (_model, messages, _options, progress, token) => {
    const { reply, error, slow } = told();
    note({ asked: messages.map(({ role, content }) => [role, content.map(({ value }) => value).join('')]) });
    if (slow) {
      await new Promise((resolve) => { token.onCancellationRequested(resolve); });
      note({ cancelled: true });
      throw new vscode.CancellationError();
    }
    if (error) {
      throw (vscode.LanguageModelError[error] ?? ((text) => new Error(text)))(`it was told to say ${error}`);
    }
    for (const piece of reply.split(/(?<=\s)/)) {
      progress.report(new vscode.LanguageModelTextPart(piece));
    }
  },
  provideTokenCount: async () => 1,
};

exports.activate = ({ subscriptions }) => {
  subscriptions.push(vscode.lm.registerLanguageModelChatProvider('cognate-tests', provider));
  subscriptions.push(vscode.commands.registerCommand('cognate-tests.rephrase', async () => {
    await vscode.workspace.getConfiguration('cognate').update('rephrase', told().when, vscode.ConfigurationTarget.Global);
    note({ when: vscode.workspace.getConfiguration('cognate').get('rephrase') });
  }));
};
