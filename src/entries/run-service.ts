import { mkdirSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { openCaptures } from '../captures/index.ts';
import type { Config, Paths } from '../config/index.ts';
import colors from 'picocolors';
import type { Rampart } from '../model/index.ts';
import { createActing } from '../service/acting.ts';
import { createAlerting } from '../service/alerting.ts';
import { withAlerts } from '../service/answers/alerts-in-reports.ts';
import { createAlertFile } from '../service/alert-file.ts';
import type { Terminal } from '../notify/index.ts';
import { compose } from '../service/compose.ts';
import { createAdvising, type AdvisingPart } from '../service/advising.ts';
import { createAutomation, type Automation } from '../service/automation.ts';
import { createAutomationFile } from '../service/automation-file.ts';
import { createEngine } from '../service/engine/engine.ts';
import { openRoleStore } from '../service/leaks/roles.ts';
import { surroundings } from '../service/answers/doctor.ts';
import { killerChecks } from '../service/answers/killer-checks.ts';
import { createFileLog, type Log } from '../service/log.ts';
import { createKillSwitch } from '../service/kill-switch.ts';
import { createLearnedFile } from '../service/learned-file.ts';
import { createLookingInside } from '../service/inside/looking-inside.ts';
import { createOneShot } from '../service/engine/one-shot.ts';
import { openNotifying } from '../service/notifying.ts';
import { createProjectFiles } from '../service/projects.ts';
import { publishToProjects } from '../service/publish.ts';
import { createSessionFiles } from '../integrations/index.ts';
import { createFileStore, openHistory } from '../history/index.ts';
import { createWatchedFiles } from '../service/watched-files.ts';
import { serve, type RunningService, type ServiceParts } from '../service/socket/serve.ts';
import { createHeapMemory, tellHeaps } from '../service/inside/told-heaps.ts';
import { VERSION } from '../service/version.ts';
import { createInspector } from '../sources/inspector/index.ts';
import { createDeathTraces, openSource, openWitness, systemClock } from '../sources/index.ts';
import { openRemembering } from './remembering.ts';

export interface RunServiceOptions {
  /** 'foreground': `rampart start`; 'background': started by a client, leaves after its last one. */
  readonly mode: 'foreground' | 'background';
  readonly config: Config;
  readonly places: Paths;
}

/** Becomes the service of this user and machine. Null: another one is it (background only). */
export function runService({ mode, config, places }: RunServiceOptions): Promise<RunningService | null> {
  const log = createFileLog(places.logPath, () => systemClock.nowMs());
  return serve({
    mode,
    socketPath: places.socketPath,
    version: VERSION,
    startedAtMs: systemClock.nowMs(),
    open: () => openParts(mode, config, places, log),
    onOverdue: () => {
      log.problem('leaving by force', new Error('something took longer than a second to end'));
      process.exit(1);
    },
  });
}

async function openParts(
  mode: RunServiceOptions['mode'],
  config: Config,
  places: Paths,
  log: Log,
): Promise<ServiceParts> {
  mkdirSync(places.stateDir, { recursive: true, mode: 0o700 });
  const clock = systemClock;
  const history = await openHistory({ store: createFileStore(places.historyDir), clock, retention: config.history });
  const source = openSource({ clock, pssBudgetMsPerSecond: config.pssBudgetMsPerSecond });
  const files = createProjectFiles(config, true);
  const sessionFiles = createSessionFiles({
    home: homedir(),
    claudeConfigDir: config.claudeConfigDir,
    codexHome: process.env['CODEX_HOME'],
  });
  const watchedFiles = createWatchedFiles({
    sessionFiles,
    projects: () => files.projects(),
  });
  const notifying = await openNotifying({
    config,
    places,
    clock,
    host: hostname(),
    env: process.env,
    terminal: mode === 'foreground' ? terminal() : null,
    log,
  });
  const leakRoles = await openRoleStore(join(places.stateDir, 'leak-roles.json'), clock.nowMs(), (error) =>
    log.problem('what leaks taught before cannot be read', error),
  );
  const heaps = createHeapMemory();
  const exits = openWitness({ clock, enabled: config.postMortem.witness });
  const traces = createDeathTraces({ clock });
  let usualFootprint: AdvisingPart['usualFootprint'] = () => null;
  const engine = createEngine(config, {
    clock,
    source,
    history,
    heaps: heaps.seen,
    // Advice learns from what the engine sees, and is made after it.
    usualFootprint: (experience) => usualFootprint(experience),
    leakRoles,
    readRegistry: (workingDirs) => files.read(workingDirs),
    readFiles: (sessions, atMs) => watchedFiles.read(sessions, atMs),
    origin: 'service',
    ownPid: process.pid,
    surroundings: async () => [
      ...(await surroundings({
        places,
        claudeConfigDir: config.claudeConfigDir,
        projects: files.projects(),
        history: history.stats(),
        killers: () => killerChecks(exits, traces),
      })),
      ...notifying.checks(),
    ],
    onProblem: (error) => log.problem('a look failed', error),
  });
  const inspector = tellHeaps(
    createInspector({ clock }),
    () => clock.nowMs(),
    (told) => {
      heaps.keep(told);
      if (told.floor !== null) engine.confirmLeak(told.process, told.floor);
    },
  );
  const looking = createLookingInside({
    engine,
    inspector,
    captures: openCaptures({ dir: places.capturesDir, clock, ...config.captures }),
    clock,
  });
  const onProblem = (what: string, error: unknown): void => log.problem(what, error);
  let automation: Automation | null = null;
  const advising = await createAdvising(config, {
    engine,
    clock,
    file: createLearnedFile(join(places.stateDir, 'learned.json'), onProblem),
    automations: () => automation?.status() ?? { lastHour: 0, limit: 0, enabled: false },
    onProblem,
  });
  usualFootprint = advising.usualFootprint;
  const acting = createActing({
    engine,
    source,
    history,
    clock,
    config,
    auditPath: places.auditPath,
    runtimeDir: places.runtimeDir,
    inspector,
    captures: looking,
    expected: advising.expected,
  });
  const alerting = await createAlerting(config, {
    engine,
    clock,
    file: createAlertFile(join(places.stateDir, 'alerts.json'), (what, error) => log.problem(what, error)),
    sink: notifying.sink,
    onProblem: (what, error) => log.problem(what, error),
  });
  const blackBox = await openRemembering({
    places,
    engine,
    history,
    exits,
    traces,
    sessionFiles,
    log,
    audit: (query) => acting.questions.audit(query),
  });
  const rampart = compose(
    { ...engine, ...withAlerts(engine, alerting.book) },
    {
      ...alerting.questions,
      ...notifying.answers,
      ...acting.questions,
      ...looking,
      ...advising.questions,
      ...blackBox.part,
    },
  );
  automation = await createAutomation(config, {
    acting: acting.questions,
    engine,
    advice: advising,
    clock,
    random: Math.random,
    file: createAutomationFile(join(places.stateDir, 'automation.json'), onProblem),
    isStopped: createKillSwitch(places.killSwitchPath).isStopped,
    onProblem,
  });
  const face = mode === 'foreground' ? await openHttp(config, places, rampart, log) : NO_FACE;
  const published = publishToProjects({ engine, projects: () => files.projects(), config, log });
  engine.start();
  notifying.start(alerting.book);
  log.info(`started in the ${mode}`);
  return {
    rampart,
    lingerMs: config.service.lingerMs,
    url: face.url,
    notes: face.notes,
    isActing: acting.isActing,
    close: async () => {
      await face.stop();
      await published.stop();
      await blackBox.close();
      await engine.stop();
      await automation.close();
      await Promise.all([alerting.close(), advising.close()]);
      await Promise.all([notifying.close(), files.close(), history.close(), source.close(), inspector.close()]);
      log.info('ended');
    },
  };
}

/** The terminal of `rampart start`: standard error, so that whoever reads our output reads only that. */
function terminal(): Terminal {
  const { stderr, stdout } = process;
  return {
    write: (text) => void stderr.write(text),
    live: stderr.isTTY && stdout.isTTY,
    color: stderr.isTTY && colors.isColorSupported,
  };
}

interface Face {
  readonly url: string | null;
  readonly notes: readonly string[];
  stop(): Promise<void>;
}

const NO_FACE: Face = { url: null, notes: [], stop: async () => undefined };

/** A port that another program has is no reason not to watch: the socket serves all but HTTP. */
async function openHttp(config: Config, places: Paths, rampart: Rampart, log: Log): Promise<Face> {
  if (!config.http.enabled) return NO_FACE;
  try {
    const { createHttpFace, openToken } = await import('../faces/http/index.ts');
    const { createMcpRoute } = await import('../faces/mcp/index.ts');
    const onerror = (error: unknown): void => log.problem('HTTP', error);
    const face = createHttpFace({
      port: config.http.port,
      token: openToken(places.tokenPath),
      routes: [createMcpRoute({ rampart: async () => rampart, onerror })],
      onerror,
    });
    const { url } = await face.start();
    return { url, notes: [], stop: () => face.stop() };
  } catch (error) {
    log.problem('HTTP is not served', error);
    return { ...NO_FACE, notes: [`HTTP is not served: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

/** A single look in this process: no service, no history, no file of ours. */
export function openPrivate(config: Config, places: Paths): Rampart {
  const clock = systemClock;
  const source = openSource({ clock, pssBudgetMsPerSecond: config.pssBudgetMsPerSecond });
  const files = createProjectFiles(config, false);
  const rampart = createOneShot(config, {
    clock,
    source,
    readRegistry: (workingDirs) => files.read(workingDirs),
    ownPid: process.pid,
    surroundings: () =>
      surroundings({
        places,
        claudeConfigDir: config.claudeConfigDir,
        projects: files.projects(),
        history: null,
        killers: async () => {
          const exits = openWitness({ clock, enabled: config.postMortem.witness });
          const checks = await killerChecks(exits, createDeathTraces({ clock }));
          await exits.close();
          return checks;
        },
      }),
  });
  return {
    ...rampart,
    close: async () => {
      await rampart.close();
      await Promise.all([files.close(), source.close()]);
    },
  };
}
