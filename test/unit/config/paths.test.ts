import { describe, expect, it } from 'vitest';
import { paths } from '../../../src/config/index.ts';

const linux = { home: '/home/user', platform: 'linux' as const, uid: 1000, ownerOf: () => null };

describe('paths', () => {
  it('follow XDG', () => {
    const env = { XDG_STATE_HOME: '/state', XDG_CONFIG_HOME: '/config', XDG_RUNTIME_DIR: '/run/user/1000' };
    expect(paths(env, { ...linux, ownerOf: () => 1000 })).toEqual({
      stateDir: '/state/rampart',
      runtimeDir: '/run/user/1000/rampart',
      historyDir: '/state/rampart/history',
      capturesDir: '/state/rampart/captures',
      auditPath: '/state/rampart/audit/actions.jsonl',
      socketPath: '/run/user/1000/rampart/rampart.sock',
      lockPath: '/run/user/1000/rampart/rampart.lock',
      tokenPath: '/state/rampart/token',
      logPath: '/state/rampart/rampart.log',
      killSwitchPath: '/state/rampart/automation.off',
      userConfigPath: '/config/rampart/config.json',
    });
  });

  it('have defaults without any variable', () => {
    const { stateDir, runtimeDir, userConfigPath } = paths({}, linux);
    expect(stateDir).toBe('/home/user/.local/state/rampart');
    expect(runtimeDir).toBe('/home/user/.local/state/rampart/run');
    expect(userConfigPath).toBe('/home/user/.config/rampart/config.json');
  });

  it('are the same for a child with a stripped environment', () => {
    const ownerOf = (path: string): number | null => (path === '/run/user/1000' ? 1000 : null);
    const shell = paths({ XDG_RUNTIME_DIR: '/run/user/1000', HOME: '/home/user' }, { ...linux, ownerOf });
    expect(paths({}, { ...linux, ownerOf })).toEqual(shell);
  });

  it("ignore a runtime directory of somebody else's, and relative ones", () => {
    const ownerOf = (path: string): number | null => (path === '/run/user/501' ? 501 : null);
    expect(paths({ XDG_RUNTIME_DIR: '/run/user/501' }, { ...linux, ownerOf }).runtimeDir).toMatch(/^\/home/);
    expect(paths({ XDG_RUNTIME_DIR: 'run', XDG_STATE_HOME: 's' }, linux)).toEqual(paths({}, linux));
  });

  it('let RAMPART_STATE_DIR and RAMPART_RUNTIME_DIR win', () => {
    const { historyDir, socketPath } = paths(
      { RAMPART_STATE_DIR: '/s', RAMPART_RUNTIME_DIR: '/r', XDG_STATE_HOME: '/x' },
      linux,
    );
    expect([historyDir, socketPath]).toEqual(['/s/history', '/r/rampart.sock']);
  });

  it('refuse a socket path that the kernel would cut', () => {
    expect(() => paths({ RAMPART_RUNTIME_DIR: `/${'r'.repeat(93)}` }, linux)).not.toThrow();
    expect(() => paths({ RAMPART_RUNTIME_DIR: `/${'r'.repeat(94)}` }, linux)).toThrow(/107 bytes/);
    expect(() => paths({ RAMPART_RUNTIME_DIR: `/${'ü'.repeat(50)}` }, linux)).toThrow(/107 bytes/);
  });

  it('have equivalents on macOS and Windows', () => {
    const mac = paths({}, { ...linux, platform: 'darwin' });
    expect(mac.stateDir).toBe('/home/user/Library/Application Support/rampart');
    const windows = paths({ LOCALAPPDATA: '/local', APPDATA: '/roaming' }, { ...linux, platform: 'win32' });
    expect(windows.stateDir).toBe('/local/rampart');
    expect(windows.userConfigPath).toBe('/roaming/rampart/config.json');
    expect(windows.socketPath).toBe('\\\\.\\pipe\\rampart--local-rampart-run');
  });
});
