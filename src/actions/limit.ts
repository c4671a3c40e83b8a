import { RampartError, type ActionParameters } from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';
import { cageBeside, cageByScope, readCaps, type Caps } from './host/cage.ts';
import { defineAction, done, each, notDone, refuse } from './define.ts';
import { footprintBytes } from './target.ts';
import { bytesText } from './words.ts';

/** A cap just above what is used now would kill at the next allocation: a tenth is the room of a garbage collection. */
const LEAST_ROOM = 1.1;

function capsOf({ maxBytes, highBytes }: ActionParameters): Caps {
  if (maxBytes === undefined && highBytes === undefined) {
    throw new RampartError('bad-input', 'limit needs maxBytes or highBytes', 'Give one: rampart limit PID --max 2GiB.');
  }
  if (maxBytes !== undefined && highBytes !== undefined && highBytes > maxBytes) {
    throw new RampartError('bad-input', 'highBytes is above maxBytes', 'The soft limit comes first: make it smaller.');
  }
  return { maxBytes: maxBytes ?? null, highBytes: highBytes ?? null };
}

const capsText = ({ maxBytes, highBytes }: Caps): string =>
  [maxBytes === null ? [] : [`max ${bytesText(maxBytes)}`], highBytes === null ? [] : [`high ${bytesText(highBytes)}`]]
    .flat()
    .join(', ');

export const limit = defineAction({
  name: 'limit',
  does: 'Caps the memory of a process by cgroup v2 (memory.max kills above it, memory.high slows down), and reads it back.',
  needs: 'cgroup v2 with the memory controller, and a systemd user session or a delegated cgroup',
  risk: 'medium',
  reversible: true,
  aim: 'control',
  ends: false,
  available: async (target, { host, parameters }) => {
    const caps = capsOf(parameters);
    const place = host.cgroup(target);
    if (place === null || !place.hasMemory) {
      return refuse(
        'unavailable',
        'Its memory is in no cgroup of version 2 here.',
        'Boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1), or start it with a limit.',
      );
    }
    const used = footprintBytes(target);
    if (caps.maxBytes === null || caps.maxBytes >= used * LEAST_ROOM) return null;
    return refuse(
      'no-headroom',
      `It uses ${bytesText(used)}: at ${bytesText(caps.maxBytes)} the kernel would kill it at once.`,
      `Give at least ${bytesText(Math.ceil(used * LEAST_ROOM))}, or use highBytes, which only slows it down.`,
    );
  },
  plan: (_, { parameters }) => [
    'Check its identity again.',
    `Move it into a cgroup of its own with ${capsText(capsOf(parameters))} (a systemd scope, or one beside its own).`,
    'Read the caps back from the kernel.',
  ],
  run: (selected, doing) =>
    each(selected, doing, async (target) => {
      const { host, parameters } = doing;
      const caps = capsOf(parameters);
      const former = host.cgroup(target);
      if (former === null) return notDone(target, refuse('gone', 'It has ended.', 'Nothing is left to do.'));
      doing.step(target.id, `limit to ${capsText(caps)}`);
      const byScope = await cageByScope(host, target, caps);
      const caged = 'problem' in byScope ? cageBeside(host, target, caps) : byScope;
      if ('problem' in caged) {
        const why = 'problem' in byScope ? `systemd: ${byScope.problem}; ` : '';
        return notDone(
          target,
          refuse('unavailable', sanitise(`No cap was set. ${why}cgroup: ${caged.problem}.`), 'Start it with a limit.'),
        );
      }
      doing.restorable({ process: target, what: 'limit', place: caged.place.path, value: former.path });
      return done(target, `Read back: ${capsText(caged.caps)}.`);
    }),
  undo: async ({ process, place }, { host, step }) => {
    const now = host.cgroup(process);
    if (now === null) return notDone(process, refuse('gone', 'It has ended.', 'Nothing is left to do.'));
    if (now.path !== place) {
      return notDone(process, refuse('unavailable', 'It was moved to another cgroup meanwhile.', 'Look there.'));
    }
    step(`${process.pid}:${process.startTime}`, 'take its caps away');
    for (const file of ['memory.high', 'memory.max']) {
      const written = host.writeCgroup(now, file, 'max');
      if (written !== 'ok') {
        return notDone(
          process,
          refuse('unavailable', `${file} may not be written (${written.problem}).`, 'See the unit.'),
        );
      }
    }
    const caps = readCaps(host, now);
    return caps?.maxBytes === null && caps.highBytes === null
      ? done(process, 'Its caps are gone; it stays in its cgroup.')
      : notDone(process, refuse('unavailable', 'The caps are still there.', 'See the unit.'));
  },
});
