import { createAlertEngine, timingOf, type AlertEngine, type Evaluation } from '../alerts/index.ts';
import type { Config } from '../config/index.ts';
import type { AlertBook, Alerting, Clock, Notification, NotificationSink, Observation } from '../model/index.ts';
import type { AlertFile } from './alert-file.ts';
import type { Engine } from './engine/shape.ts';
import { createSafeRegex } from './answers/safe-regex.ts';

/** The part of the configuration that alerts read. */
export type AlertingConfig = Pick<Config, 'alertThresholds' | 'cooldownPeriods' | 'alerts' | 'actionTriggers'>;

export interface AlertingDeps {
  readonly engine: Pick<Engine, 'subscribe' | 'observe' | 'glance' | 'publish'>;
  readonly clock: Clock;
  /** Null: nothing outlives this run. */
  readonly file: AlertFile | null;
  /** Where notifications go. */
  readonly sink: NotificationSink;
  readonly onProblem: (what: string, error: unknown) => void;
}

export interface AlertingPart {
  /** What may be asked from outside. */
  readonly questions: Alerting;
  /** For who sends notifications on: what waits is checked against it again. */
  readonly book: AlertBook;
  close(): Promise<void>;
}

/**
 * A full look at every process, while something is under way and while all is calm; rules about the machine as a whole are
 * asked with every sweep once it is not. Beside 1000 processes one costs 1.3 ms of CPU, and 3.6 ms where all are watched.
 */
const LOOK_MS = 10_000;
const CALM_LOOK_MS = 20_000;
/** What changed is written soon, and what only goes on now and then: a crash costs a few seconds of timers. */
const MIN_WRITE_MS = 5_000;
const WRITE_MS = 5 * 60_000;
/** A notification waits at most so long until it is written down: on a disk that hangs it is told all the same. */
const WRITE_FIRST_MS = 1_000;
/** So long without a sweep is blindness. */
const BLIND_MS = 60_000;
const BLIND_CHECK_MS = 30_000;

/** Alerts of the service: evaluated as the engine looks, published as events, handed on as notifications, and kept. */
export async function createAlerting(config: AlertingConfig, deps: AlertingDeps): Promise<AlertingPart> {
  const { engine, clock, file, sink, onProblem } = deps;
  const regex = createSafeRegex();
  const state = config.alerts.enabled ? ((await file?.read()) ?? null) : null;
  if (state?.silences.some(({ matchers }) => matchers.some(({ isRegex }) => isRegex)) === true) await regex.load();
  const alerts: AlertEngine = createAlertEngine({
    thresholds: config.alertThresholds,
    timing: timingOf({ cooldownMs: config.cooldownPeriods, repeatMs: config.alerts.repeat }),
    compileRegex: regex.compile,
    state,
  });

  let lastFull: Observation | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let sweptAtMs = clock.monotonicMs();
  let writtenRevision = alerts.revision;
  /** Decided, and perhaps not handed on. */
  let untold: readonly Notification[] = state?.untold ?? [];
  let writtenUntold = untold.length;
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  let writing: Promise<void> | null = null;

  const writeNow = async (): Promise<void> => {
    const { revision } = alerts;
    const told = untold;
    writtenAtMs = clock.monotonicMs();
    try {
      await file?.write({ ...alerts.state(clock.nowMs()), untold: told });
      writtenRevision = revision;
      writtenUntold = told.length;
    } catch (error) {
      onProblem('alerts could not be written', error);
    }
  };

  /** One after the other: an older state must never be put over a newer one. */
  const write = (): Promise<void> => {
    const mine = (writing ?? Promise.resolve()).then(writeNow).finally(() => {
      if (writing === mine) writing = null;
    });
    writing = mine;
    return mine;
  };

  const isNew = (): boolean => alerts.revision !== writtenRevision || untold.length !== writtenUntold;

  const writeIfDue = (): void => {
    if (file === null || writing !== null) return;
    const sinceMs = clock.monotonicMs() - writtenAtMs;
    // What fires moves its times with each look; a quiet file is not written again. A full disk is not tried every second.
    if (isNew() ? sinceMs >= MIN_WRITE_MS : sinceMs >= WRITE_MS && alerts.firing().length > 0) void write();
  };

  const handOn = (): void => {
    const notifications = untold;
    untold = [];
    for (const notification of notifications) {
      try {
        sink(notification);
      } catch (error) {
        onProblem('a notification could not be handed on', error);
      }
    }
  };

  /**
   * What is told is written down first, as told and with what is to be said: a crash between the two loses nothing, and the
   * next service says it under the same id instead of finding it anew.
   */
  const publish = async ({ changes, notifications }: Evaluation): Promise<void> => {
    for (const { change, alert } of changes) engine.publish({ type: 'alert', atMs: clock.nowMs(), change, alert });
    if (!config.actionTriggers.alertNotifications || notifications.length === 0) return;
    untold = [...untold, ...notifications];
    const late = new Promise<void>((resolve) => void setTimeout(resolve, WRITE_FIRST_MS).unref());
    if (file !== null) await Promise.race([write(), late]);
    handOn();
  };

  const onSweep = async (): Promise<void> => {
    sweptAtMs = clock.monotonicMs();
    const glance = engine.glance();
    const isCalm = glance?.severity === 'ok' && alerts.isCalm;
    if (sweptAtMs - lookedAtMs >= (isCalm ? CALM_LOOK_MS : LOOK_MS) - 500) {
      const observation = await engine.observe();
      if (observation !== null && observation !== lastFull) {
        lookedAtMs = sweptAtMs;
        lastFull = observation;
        await publish(alerts.evaluate(observation));
        writeIfDue();
        return;
      }
    }
    if (lastFull === null || glance === null || glance.atMs < lastFull.atMs) return;
    // Use and pressure below every threshold, and nothing under way: the next full look is soon enough.
    if (isCalm) return;
    await publish(alerts.evaluate({ ...lastFull, ...glance }, 'host'));
    writeIfDue();
  };

  const onBlindCheck = (): void => {
    const blindMs = clock.monotonicMs() - sweptAtMs;
    if (blindMs >= BLIND_MS) void publish(alerts.blind(clock.nowMs(), clock.nowMs() - blindMs));
  };

  const stop = config.alerts.enabled
    ? await engine.subscribe((event) => {
        if (event.type !== 'tick' || running !== null) return;
        running = onSweep()
          .catch((error: unknown) => onProblem('alerts could not be evaluated', error))
          .finally(() => (running = null));
      })
    : () => undefined;
  const timer = setInterval(onBlindCheck, BLIND_CHECK_MS);
  timer.unref();

  // Of the last run: whoever got it already knows its id.
  handOn();

  const questions: Alerting = {
    listAlerts: async (query) => alerts.report(query, clock.nowMs()),
    acknowledgeAlert: async (order) => {
      const alert = alerts.acknowledge(order, clock.nowMs());
      await publish({ changes: [{ change: 'acknowledged', alert }], notifications: [] });
      await write();
      return alert;
    },
    silenceAlerts: async (order) => {
      if (order.matchers?.some(({ isRegex }) => isRegex) === true) await regex.load();
      const silence = alerts.silence(order, clock.nowMs());
      await write();
      return silence;
    },
    endSilence: async (id) => {
      const silence = alerts.endSilence(id, clock.nowMs());
      await write();
      return silence;
    },
  };

  return {
    questions,
    book: alerts,
    close: async () => {
      stop();
      clearInterval(timer);
      await running;
      await writing;
      if (config.alerts.enabled && file !== null && isNew()) await write();
    },
  };
}
