// An agent that invokes a tool of the editor as a file says, and notes in another what came of it.
//
// The first file holds {tool, input}, where the tool's name is a part of it; the other {tools, text} or {tools, error}.

const fs = require('node:fs');
const vscode = require('vscode');

const folder = process.env.COGNATE_TEST_AGENT;

exports.activate = ({ subscriptions }) => {
  subscriptions.push(vscode.commands.registerCommand('cognate-tests.invoke', async () => {
    const { tool, input } = JSON.parse(fs.readFileSync(`${folder}/told.json`, 'utf-8'));
    const noted = { tools: vscode.lm.tools.map(({ name }) => name) };
    try {
      const name = noted.tools.find((each) => each.includes(tool));
      const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
      noted.text = content.map(({ value }) => value).join('');
    } catch (error) {
      noted.error = error.message;
    }
    fs.writeFileSync(`${folder}/noted.json`, JSON.stringify(noted));
  }));
};
