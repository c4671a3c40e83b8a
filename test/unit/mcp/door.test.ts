import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HANDSHAKE_VERSIONS, createDoor } from '../../../src/faces/mcp/door.ts';
import { openLibrary } from '../../../src/faces/mcp/stdio.ts';
import { startRelay } from '../../../src/faces/mcp/relay.ts';
import { CAPTURED } from '../../support/mcp/captured-clients.ts';
import { fakeRampart } from '../../support/mcp/fake-rampart.ts';
import { CALLER } from '../../support/mcp/linked-client.ts';

/** The door may only say what the protocol library would have said: each conversation goes to both. */

const deps = { rampart: async () => fakeRampart(), caller: CALLER };
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
};

async function libraryAnswers(lines: readonly string[]): Promise<unknown[]> {
  const sent: unknown[] = [];
  const library = openLibrary(deps, { send: async (message) => void sent.push(JSON.parse(JSON.stringify(message))) });
  for (const line of lines) {
    library.receive(line);
    await settle();
  }
  await library.close();
  return sent;
}

function doorAnswers(lines: readonly string[]): unknown[] {
  const door = createDoor();
  return lines.map((line) => {
    const answer = door.answer(JSON.parse(line));
    return answer === null || answer === 'pass' ? answer : JSON.parse(JSON.stringify({ jsonrpc: '2.0', ...answer }));
  });
}

const request = (id: number | string, method: string, params?: object) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const initialize = (protocolVersion: string, more: object = {}) =>
  request(0, 'initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' }, ...more });
const envelope = (more: object = {}) => ({
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
    ...more,
  },
});
const LISTS = ['tools/list', 'resources/list', 'resources/templates/list'];

const conversations: Record<string, string[]> = {
  ...Object.fromEntries(
    HANDSHAKE_VERSIONS.map((version) => [
      `handshake ${version}`,
      [
        initialize(version),
        INITIALIZED,
        ...LISTS.map((method, index) => request(index + 1, method)),
        request('p', 'ping'),
      ],
    ]),
  ),
  'lists with metadata': [
    initialize('2025-11-25'),
    INITIALIZED,
    request(1, 'tools/list', { _meta: { progressToken: 0 } }),
  ],
  'discovery, then lists': [
    request('d', 'server/discover', envelope()),
    ...LISTS.map((method, index) => request(index, method, envelope())),
  ],
  'lists without discovery': LISTS.map((method, index) => request(index, method, envelope())),
  'two discoveries': [request(1, 'server/discover', envelope()), request(2, 'server/discover', envelope())],
  'discovery without a name': [
    request(1, 'server/discover', envelope({ 'io.modelcontextprotocol/clientInfo': undefined })),
  ],
  'discovery, then the handshake after all': [
    request('d', 'server/discover', envelope()),
    initialize('2025-11-25'),
    INITIALIZED,
    request(1, 'tools/list'),
  ],
  ...Object.fromEntries(
    Object.entries(CAPTURED).map(([client, lines]) => [
      client,
      lines.filter((line) => !line.includes('"result"') && !line.includes('tools/call')),
    ]),
  ),
};

describe('the door says what the library says', () => {
  it.each(Object.entries(conversations))('%s', async (_name, lines) => {
    const answers = doorAnswers(lines);
    expect(answers).not.toContain('pass');
    expect(answers.filter((answer) => answer !== null)).toEqual(await libraryAnswers(lines));
  });
});

describe('the door leaves the rest to the library', () => {
  const passed: Record<string, string[]> = {
    'an unknown version': [initialize('2099-01-01')],
    'a malformed handshake': [initialize('2025-11-25', { clientInfo: { name: 'c' } })],
    'malformed capabilities': [initialize('2025-11-25', { capabilities: { roots: 1 } })],
    'a list before the handshake': [request(1, 'tools/list')],
    'a second handshake': [initialize('2025-11-25'), initialize('2025-11-25')],
    'a cursor': [initialize('2025-11-25'), request(1, 'tools/list', { cursor: 'x' })],
    'a tool call': [initialize('2025-11-25'), request(1, 'tools/call', { name: 'memory_status' })],
    'an unknown method': [initialize('2025-11-25'), request(1, 'no/such')],
    'another new era': [
      request(1, 'server/discover', envelope({ 'io.modelcontextprotocol/protocolVersion': '2099-01-01' })),
    ],
    'half an envelope': [
      request(1, 'tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }),
    ],
    'a new-era question in an old-era session': [initialize('2025-11-25'), request(1, 'tools/list', envelope())],
    'an old-era question in a new-era session': [request(1, 'tools/list', envelope()), initialize('2025-11-25')],
    'no id of the protocol': ['{"jsonrpc":"2.0","id":null,"method":"ping"}'],
    'no protocol at all': ['[]', '"x"', '{}'],
  };
  it.each(Object.entries(passed))('%s', (_name, lines) => {
    expect(doorAnswers(lines).at(-1)).toBe('pass');
  });
});

describe('the relay', () => {
  async function converse(chunks: readonly string[]) {
    const input = new PassThrough();
    const output = new PassThrough();
    let text = '';
    output.on('data', (chunk) => (text += String(chunk)));
    const relay = startRelay(deps, { input, output });
    for (const chunk of chunks) {
      input.write(chunk);
      await settle();
    }
    for (let turn = 0; turn < 50 && !text.includes('"id":"last"'); turn += 1) await settle();
    await relay.close();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id: unknown; result?: unknown });
  }
  const last = request('last', 'tools/call', { name: 'list_processes', arguments: { limit: 1 } });

  it('answers each request once, in order, across the change from door to library', async () => {
    const lines = [
      initialize('2025-11-25'),
      INITIALIZED,
      request(1, 'tools/list'),
      request(2, 'prompts/list'),
      request(3, 'tools/list'),
      last,
    ];
    const answers = await converse([`${lines.join('\n')}\n`]);
    expect(answers.map(({ id }) => id)).toEqual([0, 1, 2, 3, 'last']);
    expect(answers.at(-1)?.result).toMatchObject({ structuredContent: { data: { processes: [{}] } } });
  });

  it('takes lines in any pieces, and answers nothing to what is no message', async () => {
    const text = `${[initialize('2025-11-25'), 'nonsense', '', INITIALIZED, last].join('\r\n')}\r\n`;
    const answers = await converse(text.match(/[^]{1,60}/g) ?? []);
    expect(answers.map(({ id }) => id)).toEqual([0, 'last']);
  });
});
