export { connect, ConnectionLost, type ConnectOptions, type RemoteRampart } from './client.ts';
export { createEngine, type Engine, type EngineConfig, type EngineDeps, type EngineHistory } from './engine.ts';
export { ensureService, type EnsureOptions, type ServiceClient } from './ensure.ts';
export { createOneShot } from './one-shot.ts';
export { serve, type RunningService, type ServeOptions, type ServiceParts } from './serve.ts';
export { VERSION } from './version.ts';
