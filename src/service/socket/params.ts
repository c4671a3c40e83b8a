import {
  ACTION_NAMES,
  ALERT_TYPES,
  RECOMMENDATION_TYPES,
  type AcknowledgeOrder,
  type ActionOrder,
  type ActionParameters,
  type ActionRequest,
  type AdviceQuery,
  type AlertQuery,
  type AuditQuery,
  type Caller,
  type CaptureQuery,
  type ChannelTestOrder,
  type DeathQuery,
  type ForgetOrder,
  type InspectQuery,
  type LearnedQuery,
  type LeakQuery,
  type Matcher,
  type MetricsQuery,
  type ProcessQuery,
  type Rampart,
  type ReplayOrder,
  type SilenceOrder,
  type UndoOrder,
} from '../../model/index.ts';
import {
  anyWord,
  flag,
  integer,
  list,
  nullable,
  number,
  optional,
  query,
  shape,
  text,
  word,
  type Read,
} from './param-shapes.ts';
import type { Question } from './protocol.ts';

/**
 * Parameters as they come off the socket. Shapes and types are checked here, without a schema library; meaning is checked
 * where the question is answered, where the error can name the valid values.
 */

const caller: Read<Caller> = shape<Caller>({
  face: (value) => (['stdio', 'http', 'cli', 'library'] as const).find((face) => face === value) ?? 'library',
  pid: nullable(integer),
  sessionId: nullable(text),
  clientName: nullable(text),
});

const origin = word(['user', 'agent', 'automation']);

const actionParameters = shape<ActionParameters>({
  only: optional(word(['orphan', 'duplicate', 'retained'])),
  maxBytes: optional(integer),
  highBytes: optional(integer),
  bytes: optional(integer),
  oomScoreAdj: optional(integer),
  graceMs: optional(integer),
  cache: optional(text),
});

const matcher = shape<Matcher>({ label: text, value: text, isRegex: flag });

/** The parameter of each question, read from what came off the socket; null: it takes none. */
export const PARAMS: {
  readonly [Q in Question]: Parameters<Rampart[Q]> extends [] ? null : Read<Parameters<Rampart[Q]>[0]>;
} = {
  status: null,
  health: null,
  doctor: null,
  self: caller,
  listProcesses: query<ProcessQuery>({
    match: optional(text),
    sessionId: optional(text),
    role: optional(anyWord),
    verdict: optional(anyWord),
    sort: optional(anyWord),
    limit: optional(integer),
    cursor: optional(text),
  }),
  queryMetrics: shape<MetricsQuery>({
    subject: text,
    metric: anyWord,
    fromMs: number,
    toMs: number,
    maxPoints: number,
  }),
  detectLeaks: query<LeakQuery>({
    target: optional(text),
    minScore: optional(number),
    windowMs: optional(number),
    limit: optional(integer),
  }),
  inspect: shape<InspectQuery>({
    target: text,
    attach: optional(flag),
    collect: optional(flag),
    gcWindowMs: optional(number),
    profileMs: optional(number),
    ticket: optional(text),
  }),
  capture: shape<CaptureQuery>({
    target: text,
    kind: word(['light', 'snapshot', 'compare']),
    durationMs: optional(number),
    since: optional(text),
    ticket: optional(text),
  }),
  planAction: shape<ActionRequest>({
    action: word(ACTION_NAMES),
    target: text,
    parameters: optional(actionParameters),
    origin,
    reason: optional(text),
    callerPid: optional(nullable(integer)),
  }),
  applyAction: shape<ActionOrder>({
    token: text,
    expect: optional(shape<NonNullable<ActionOrder['expect']>>({ action: word(ACTION_NAMES), target: text })),
    ticket: optional(text),
  }),
  undoAction: shape<UndoOrder>({ id: optional(text), origin }),
  audit: query<AuditQuery>({
    fromMs: optional(number),
    action: optional(word(ACTION_NAMES)),
    process: optional(text),
    limit: optional(integer),
  }),
  listAlerts: query<AlertQuery>({
    state: optional(word(['pending', 'firing', 'resolved', 'active', 'all'])),
    level: optional(word(['warning', 'critical', 'emergency'])),
    type: optional(word(ALERT_TYPES)),
    subject: optional(text),
    limit: optional(integer),
  }),
  acknowledgeAlert: shape<AcknowledgeOrder>({ id: text, by: text, forMs: optional(number) }),
  silenceAlerts: shape<SilenceOrder>({
    matchers: optional(list(matcher)),
    alert: optional(text),
    forMs: number,
    by: text,
    reason: text,
  }),
  endSilence: text,
  listChannels: null,
  testChannel: shape<ChannelTestOrder>({ channel: text }),
  replayNotifications: query<ReplayOrder>({ channel: optional(text) }),
  recommend: query<AdviceQuery>({
    target: optional(text),
    type: optional(word(RECOMMENDATION_TYPES)),
    limit: optional(integer),
  }),
  learned: query<LearnedQuery>({ role: optional(text), action: optional(word(ACTION_NAMES)) }),
  forgetLearned: query<ForgetOrder>({ role: optional(text), action: optional(word(ACTION_NAMES)) }),
  postMortem: query<DeathQuery>({ target: optional(text), limit: optional(integer) }),
};
