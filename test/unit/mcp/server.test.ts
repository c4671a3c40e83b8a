import { describe, expect, it, vi } from 'vitest';
import type { Rampart } from '../../../src/model/index.ts';
import { fakeRampart } from '../../support/mcp/fake-rampart.ts';
import { call, linkedClient } from '../../support/mcp/linked-client.ts';

describe('the server', () => {
  it('reaches for no service until a tool or the resource is used', async () => {
    const rampart = vi.fn<() => Promise<Rampart>>(async () => fakeRampart());
    const client = await linkedClient({ rampart });
    await client.listTools();
    await client.listResources();
    expect(rampart).not.toHaveBeenCalled();
    await client.readResource({ uri: 'memory://status' });
    expect(rampart).toHaveBeenCalledTimes(1);
  });

  it('says who it is and where to start', async () => {
    const client = await linkedClient({ rampart: async () => fakeRampart() });
    expect(client.getServerVersion()).toMatchObject({ name: 'rampart' });
    expect(client.getInstructions()).toContain('memory_status()');
    expect(client.getServerCapabilities()).toMatchObject({ tools: {}, resources: { subscribe: true } });
  });

  it('answers the resource as JSON, and a failure with the next step', async () => {
    const rampart = fakeRampart();
    const client = await linkedClient({ rampart: async () => rampart });
    const { contents } = await client.readResource({ uri: 'memory://status' });
    const [content] = contents;
    expect(content).toMatchObject({ uri: 'memory://status', mimeType: 'application/json' });
    const status = JSON.parse(content !== undefined && 'text' in content ? content.text : '');
    expect(status).toMatchObject({ severity: 'ok', sessions: [{ processCount: 3 }, {}] });
    rampart.failure = new Error('gone');
    await expect(client.readResource({ uri: 'memory://status' })).rejects.toThrow(/internal: gone.*rampart doctor/);
    await expect(client.readResource({ uri: 'memory://other' })).rejects.toThrow(/memory:\/\/other/);
  });

  it('tells a subscriber of the handshake era of a change, until it unsubscribes', async () => {
    const rampart = fakeRampart();
    const client = await linkedClient({ rampart: async () => rampart });
    const updated = vi.fn<(uri: string) => void>();
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => updated(params.uri));
    await client.subscribeResource({ uri: 'memory://status' });
    await client.subscribeResource({ uri: 'memory://status' });
    await vi.waitFor(() => expect(rampart.listeners.size).toBe(1));
    rampart.emit({ type: 'severity', atMs: 1, from: 'ok', to: 'critical', reason: 'r' });
    await vi.waitFor(() => expect(updated).toHaveBeenCalledWith('memory://status'));
    expect(updated).toHaveBeenCalledTimes(1);
    await client.unsubscribeResource({ uri: 'memory://status' });
    expect(rampart.listeners.size).toBe(0);
  });

  it('forgets the subscription of a client that has gone', async () => {
    const rampart = fakeRampart();
    const client = await linkedClient({ rampart: async () => rampart });
    await client.subscribeResource({ uri: 'memory://status' });
    await vi.waitFor(() => expect(rampart.listeners.size).toBe(1));
    await client.close();
    await vi.waitFor(() => expect(rampart.listeners.size).toBe(0));
  });

  it('refuses a tool it does not have by name', async () => {
    const client = await linkedClient({ rampart: async () => fakeRampart() });
    await expect(call(client, 'nonsense')).rejects.toThrow(/nonsense/);
  });
});
