import { CAPABILITIES, INSTRUCTIONS, LIST_CACHE, RESOURCES, SERVER_INFO, TOOL_CATALOG } from './identity.ts';

/**
 * The answers that every client asks for first and that never differ: the handshake and the lists. The relay gives them
 * before the protocol library is loaded, because most sessions ask for nothing else, and the library is 60 ms of CPU and
 * 9 MiB in each of them. Whatever is not exactly one of these well-formed questions is left to the library, which then
 * hears the whole conversation from its beginning. A test holds each answer against the library's own.
 */
export interface Door {
  /** 'pass': the library has to answer this. Null: nothing is to be answered. */
  answer(message: unknown): { readonly id: string | number; readonly result: object } | 'pass' | null;
}

const MODERN = '2026-07-28';
/** Handshake versions, newest first; a client that asks for another one is negotiated with by the library. */
export const HANDSHAKE_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

type Fields = Readonly<Record<string, unknown>>;

export function createDoor(): Door {
  /** 'opening': nothing yet, or only a probe · 'handshake': initialized in the old era · 'modern': pinned to the new one. */
  let era: 'opening' | 'handshake' | 'modern' = 'opening';

  const inHandshake = (method: string, params: Fields): object | null => {
    if (era === 'opening' && method === 'initialize') {
      const result = initialize(params);
      if (result !== null) era = 'handshake';
      return result;
    }
    if (era !== 'handshake' || !isPlainList(params)) return null;
    return method === 'ping' ? {} : list(method);
  };

  const inModern = (method: string, params: Fields): object | null => {
    if (era === 'handshake' || !isPlainList(params)) return null;
    const discovery = method === 'server/discover';
    // Once pinned, another discovery is no opening any more.
    if (discovery && era === 'modern') return null;
    const result = discovery
      ? { supportedVersions: [MODERN], capabilities: CAPABILITIES, instructions: INSTRUCTIONS }
      : list(method);
    if (result === null) return null;
    if (!discovery) era = 'modern';
    return {
      ...result,
      resultType: 'complete',
      ...LIST_CACHE,
      _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO },
    };
  };

  return {
    answer(message) {
      if (!isObject(message) || message['jsonrpc'] !== '2.0') return 'pass';
      const { id, method, params = {} } = message;
      if (typeof method !== 'string' || !isObject(params)) return 'pass';
      if (id === undefined) {
        return era === 'handshake' && method === 'notifications/initialized' ? null : 'pass';
      }
      if (typeof id !== 'string' && !Number.isSafeInteger(id)) return 'pass';
      const result = hasEnvelope(params)
        ? isSoundEnvelope(params['_meta'] as Fields)
          ? inModern(method, params)
          : null
        : inHandshake(method, params);
      return result === null ? 'pass' : { id: id as string | number, result };
    },
  };
}

function initialize(params: Fields): object | null {
  const { protocolVersion, capabilities, clientInfo } = params;
  const version = HANDSHAKE_VERSIONS.find((known) => known === protocolVersion);
  if (version === undefined || !isCapabilities(capabilities) || !isImplementation(clientInfo)) return null;
  return { protocolVersion: version, capabilities: CAPABILITIES, serverInfo: SERVER_INFO, instructions: INSTRUCTIONS };
}

function list(method: string): object | null {
  if (method === 'tools/list') return { tools: TOOL_CATALOG };
  if (method === 'resources/list') return { resources: RESOURCES };
  return method === 'resources/templates/list' ? { resourceTemplates: [] } : null;
}

/** No cursor, no filter: at most the metadata of the request itself. */
function isPlainList(params: Fields): boolean {
  return Object.keys(params).every((name) => name === '_meta') && isObject(params['_meta'] ?? {});
}

function hasEnvelope(params: Fields): boolean {
  return (
    isObject(params['_meta']) && Object.keys(params['_meta']).some((key) => key.startsWith('io.modelcontextprotocol/'))
  );
}

function isSoundEnvelope(meta: Fields): boolean {
  const info = meta['io.modelcontextprotocol/clientInfo'];
  return (
    meta['io.modelcontextprotocol/protocolVersion'] === MODERN &&
    isCapabilities(meta['io.modelcontextprotocol/clientCapabilities']) &&
    (info === undefined || isImplementation(info))
  );
}

function isCapabilities(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isObject);
}

function isImplementation(value: unknown): boolean {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['version'] === 'string';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
