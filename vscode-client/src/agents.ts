// What the editor's agents find of Cognate: a tool that searches by meaning, and an MCP server for each folder. Formats nothing.

import {
  l10n, LanguageModelTextPart, LanguageModelToolResult, lm, McpStdioServerDefinition, workspace,
  type Disposable, type McpServerDefinition, type WorkspaceFolder,
} from 'vscode';
import type { SearchCodeParams } from '../generated/protocol';
import { SERVER_ENVIRONMENT } from './process';
import type { Server } from './server';

/** Offer both; an editor made from VS Code may lack either. */
export function registerForAgents(server: Server, version: string): Disposable[] {
  const editor: Partial<typeof lm> = lm;
  const tool = editor.registerTool?.<SearchCodeParams>('cognate_searchCode', {
    prepareInvocation: ({ input }) => ({ invocationMessage: l10n.t('Searching by meaning: {0}', input.query) }),
    invoke: async ({ input }, token) => {
      const { text } = await server.request('cognate/searchCode', input, token);
      return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
    },
  });
  const servers = editor.registerMcpServerDefinitionProvider?.('cognate', {
    onDidChangeMcpServerDefinitions: (listener) => workspace.onDidChangeWorkspaceFolders(() => { listener(); }),
    provideMcpServerDefinitions: () =>
      workspace.workspaceFolders?.filter(({ uri }) => uri.scheme === 'file').map((folder) => mcpServer(folder, version)),
    resolveMcpServerDefinition: async (definition: McpServerDefinition) =>
      Object.assign(definition, { command: await server.program() }),
  });
  return [tool, servers].filter((registered) => registered !== undefined);
}

/** The program is known only when the server's environment is there. */
function mcpServer({ name, uri }: WorkspaceFolder, version: string): McpStdioServerDefinition {
  const model = workspace.getConfiguration('cognate', uri).get<string>('model') ?? '';
  return new McpStdioServerDefinition(`Cognate: ${name}`, 'cognate', ['mcp', '--model', model, uri.fsPath], SERVER_ENVIRONMENT, version);
}
