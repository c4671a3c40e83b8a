import { acceptedContent, createRequestStateCodec, inputRequired } from '@modelcontextprotocol/server';
import type { CallToolResult, McpServer, ServerContext, ServerEventBus } from '@modelcontextprotocol/server';
import type { McpServerDeps } from '../../src/faces/mcp/server.ts';

const codec = createRequestStateCodec({ key: new Uint8Array(32).fill(7) });
/** Tampered state is refused before any tool sees it. */
export const requestState: NonNullable<McpServerDeps['requestState']> = {
  verify: (state, context) => codec.verify(state, context),
};

const nameForm = {
  message: 'What is your name?',
  requestedSchema: { type: 'object' as const, properties: { name: { type: 'string' as const } }, required: ['name'] },
};
const askGreeting = () =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: 'Generate a greeting' } }],
    maxTokens: 50,
  });

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

/** Input in rounds, and lists that change, as the stateless era has them. */
export function addStatelessTools(server: McpServer, bus: ServerEventBus): void {
  const tool = (
    name: string,
    answer: (context: ServerContext) => Promise<CallToolResult | ReturnType<typeof inputRequired>>,
  ) => server.registerTool(name, { description: `Answers ${name} in rounds` }, answer as never);
  const accepted = (context: ServerContext, key: string) => acceptedContent(context.mcpReq.inputResponses, key);
  const given = (context: ServerContext, key: string) => context.mcpReq.inputResponses?.[key] !== undefined;
  const state = (context: ServerContext, step: string) => codec.mint({ step }, context);
  const step = (context: ServerContext) => context.mcpReq.requestState<{ step: string }>()?.step;
  const confirmForm = inputRequired.elicit({
    message: 'Please confirm',
    requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  });

  tool('test_input_required_result_elicitation', async (context) => {
    const name = accepted(context, 'user_name')?.['name'];
    if (typeof name === 'string') return text(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: inputRequired.elicit(nameForm) } });
  });
  tool('test_input_required_result_sampling', async (context) =>
    given(context, 'capital_question')
      ? text(JSON.stringify(context.mcpReq.inputResponses?.['capital_question']))
      : inputRequired({
          inputRequests: {
            capital_question: inputRequired.createMessage({
              messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }],
              maxTokens: 100,
            }),
          },
        }),
  );
  tool('test_input_required_result_list_roots', async (context) =>
    given(context, 'client_roots')
      ? text(JSON.stringify(context.mcpReq.inputResponses?.['client_roots']))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  );
  for (const name of ['test_input_required_result_request_state', 'test_input_required_result_tampered_state']) {
    tool(name, async (context) => {
      if (accepted(context, 'confirm') !== undefined && step(context) === 'confirm') return text('state-ok');
      return inputRequired({ inputRequests: { confirm: confirmForm }, requestState: await state(context, 'confirm') });
    });
  }
  tool('test_input_required_result_multiple_inputs', async (context) => {
    if (['user_name', 'greeting', 'client_roots'].every((key) => given(context, key))) return text('all answered');
    return inputRequired({
      inputRequests: {
        user_name: inputRequired.elicit(nameForm),
        greeting: askGreeting(),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await state(context, 'all'),
    });
  });
  tool('test_input_required_result_multi_round', async (context) => {
    if (step(context) === 'two' && given(context, 'step2')) return text('both rounds answered');
    if (step(context) === 'one' && given(context, 'step1')) {
      return inputRequired({
        inputRequests: {
          step2: inputRequired.elicit({
            message: 'Step 2: What is your favorite color?',
            requestedSchema: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] },
          }),
        },
        requestState: await state(context, 'two'),
      });
    }
    return inputRequired({
      inputRequests: { step1: inputRequired.elicit({ ...nameForm, message: 'Step 1: What is your name?' }) },
      requestState: await state(context, 'one'),
    });
  });
  tool('test_input_required_result_capabilities', async (context) => {
    const envelope = context.mcpReq.envelope as Record<string, Record<string, unknown>> | undefined;
    const can = envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
    return inputRequired({
      inputRequests: {
        ...('sampling' in can ? { greeting: askGreeting() } : {}),
        ...('elicitation' in can ? { user_name: inputRequired.elicit(nameForm) } : {}),
      },
    });
  });
  tool('test_missing_capability', async () => inputRequired({ inputRequests: { greeting: askGreeting() } }));
  tool('test_streaming_elicitation', async () =>
    inputRequired({ inputRequests: { user_name: inputRequired.elicit(nameForm) } }),
  );
  tool('test_trigger_tool_change', async () => {
    bus.publish({ kind: 'tools_list_changed' });
    return text('told');
  });
  tool('test_trigger_prompt_change', async () => {
    bus.publish({ kind: 'prompts_list_changed' });
    return text('told');
  });
}
