import {
  RampartError,
  type Acting,
  type Advising,
  type Alerting,
  type Notifying,
  type Rampart,
  type Remembering,
} from '../model/index.ts';
import { COMMANDS, QUERIES, type Question } from './socket/protocol.ts';

/** All of `Rampart` beside watching: each part is made by one file of this folder. */
export type Parts = Acting & Alerting & Notifying & Advising & Remembering;

const WATCHING: readonly Question[] = [
  'status',
  'self',
  'listProcesses',
  'queryMetrics',
  'detectLeaks',
  'health',
  'doctor',
];

/** Parts of an engine that has no service around it: they refuse, and say what to do. */
export function noParts(reason: string, hint: string): Parts {
  const refuse = (): Promise<never> => Promise.reject(new RampartError('unsupported', reason, hint));
  const names = [...QUERIES, ...COMMANDS].filter((name) => !WATCHING.includes(name));
  return Object.fromEntries(names.map((name) => [name, refuse])) as unknown as Parts;
}

/** The whole `Rampart`: what watches, and the parts around it. */
export function compose(watching: Omit<Rampart, keyof Parts>, parts: Parts): Rampart {
  return { ...watching, ...parts };
}
