import { ResourceTemplate, acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server';
import type { CallToolResult, McpServer, ServerContext, ServerEventBus } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { addStatelessTools } from './fixture-rounds.ts';

/**
 * What the conformance scenarios ask a server for by name, mounted on Rampart's own factory: the scenarios then test our
 * transport, sessions, guard and both eras, with tools that Rampart itself has no use for.
 */

/** One red pixel, and a WAV header without samples. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

export function addFixture(server: McpServer, bus: ServerEventBus): void {
  server.server.registerCapabilities({
    tools: { listChanged: true },
    prompts: { listChanged: true },
    logging: {},
    completions: {},
  });
  addContentTools(server);
  addTalkingTools(server);
  addAskingTools(server);
  addStatelessTools(server, bus);
  addResources(server);
  addPrompts(server);
  server.server.setRequestHandler('logging/setLevel', () => ({}));
}

function addContentTools(server: McpServer): void {
  const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' };
  const results: Readonly<Record<string, CallToolResult>> = {
    test_simple_text: text('This is a simple text response for testing.'),
    test_image_content: { content: [image] },
    test_audio_content: { content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] },
    test_embedded_resource: {
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
    },
    test_multiple_content_types: {
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        image,
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: '{"test":"data","value":123}',
          },
        },
      ],
    },
  };
  for (const [name, result] of Object.entries(results)) {
    server.registerTool(name, { description: `Answers with ${name}` }, () => result);
  }
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
}

/** Tools that say something before they answer. */
function addTalkingTools(server: McpServer): void {
  const log = (context: ServerContext, data: string) =>
    context.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
  server.registerTool('test_tool_with_logging', { description: 'Logs three times' }, async (context) => {
    await log(context, 'Tool execution started');
    await pause();
    await log(context, 'Tool processing data');
    await pause();
    await log(context, 'Tool execution completed');
    return text('logged');
  });
  server.registerTool('test_tool_with_progress', { description: 'Reports progress' }, async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        await context.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100 },
        });
      }
      await pause();
    }
    return text('done');
  });
  server.registerTool('test_logging_tool', { description: 'Logs where the client wants it' }, async (context) => {
    await context.mcpReq.log('info', 'only for those who asked');
    return text('done');
  });
}

/**
 * Requests from server to client, which only the stateful era has. Each says which call it belongs to and so travels on
 * that call's own stream: without it the library puts the question on the client's listening stream, and drops it where
 * the client has not opened one yet.
 */
const within = (context: ServerContext) => ({ relatedRequestId: context.mcpReq.id });

function addAskingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, context) => {
      const answer = await context.mcpReq.requestSampling(
        { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100 },
        within(context),
      );
      return text(`LLM response: ${JSON.stringify(answer.content)}`);
    },
  );
  const askUser = async (context: ServerContext, message: string, properties: object, required: string[]) => {
    const answer = await context.mcpReq.elicitInput(
      { message, requestedSchema: { type: 'object', properties: properties as Record<string, never>, required } },
      within(context),
    );
    return text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
  };
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    ({ message }, context) =>
      askUser(
        context,
        message,
        {
          username: { type: 'string', description: "User's response" },
          email: { type: 'string', description: "User's email address" },
        },
        ['username', 'email'],
      ),
  );
  server.registerTool('test_elicitation_sep1034_defaults', { description: 'Asks with defaults' }, (context) =>
    askUser(
      context,
      'Please check these values',
      {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      },
      [],
    ),
  );
  const options = ['option1', 'option2', 'option3'];
  const titled = ['First', 'Second', 'Third'];
  const titles = (word: string) =>
    titled.map((title, index) => ({ const: `value${index + 1}`, title: `${title} ${word}` }));
  server.registerTool('test_elicitation_sep1330_enums', { description: 'Asks with every kind of enum' }, (context) =>
    askUser(
      context,
      'Please choose',
      {
        untitledSingle: { type: 'string', enum: options },
        titledSingle: { type: 'string', oneOf: titles('Option') },
        legacyEnum: {
          type: 'string',
          enum: ['opt1', 'opt2', 'opt3'],
          enumNames: ['Option One', 'Option Two', 'Option Three'],
        },
        untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
        titledMulti: { type: 'array', items: { anyOf: titles('Choice') } },
      },
      [],
    ),
  );
}

function addResources(server: McpServer): void {
  server.registerResource('static-text', 'test://static-text', { mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }));
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'image/png', blob: PNG }],
  }));
  server.registerResource('watched', 'test://watched-resource', { mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'watched' }],
  }));
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
}

function addPrompts(server: McpServer): void {
  const said = (value: string) => ({ role: 'user' as const, content: { type: 'text' as const, text: value } });
  server.registerPrompt('test_simple_prompt', { description: 'A prompt' }, () => ({
    messages: [said('This is a simple prompt for testing.')],
  }));
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'A prompt with arguments',
      argsSchema: z.object({
        arg1: completable(z.string(), (start) => [`${start}-1`, `${start}-2`]),
        arg2: z.string(),
      }),
    },
    ({ arg1, arg2 }) => ({ messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'A prompt with a resource', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
          },
        },
        said('Please process the embedded resource above.'),
      ],
    }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'A prompt with an image' }, () => ({
    messages: [
      { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
      said('Please analyze the image above.'),
    ],
  }));
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, ((
    context: ServerContext,
  ) => {
    const answer = acceptedContent(context.mcpReq.inputResponses, 'user_context');
    if (answer !== undefined) return { messages: [said(`Context: ${String(answer['context'])}`)] };
    return inputRequired({
      inputRequests: {
        user_context: inputRequired.elicit({
          message: 'What context should the prompt use?',
          requestedSchema: { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] },
        }),
      },
    });
  }) as never);
}
