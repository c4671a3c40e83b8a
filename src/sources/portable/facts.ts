import { userInfo } from 'node:os';
import type { ProcessFacts, ProcessSample } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import { presentableArguments } from '../arguments.ts';
import { runtimeOf } from '../runtime.ts';
import type { Listed } from './list.ts';

/** Facts from one line of the process list: a command line, a name and a user, and no more. */
export function portableFacts(entry: Listed, sample: ProcessSample): ProcessFacts {
  const program = entry.path === '' ? entry.command : `${entry.path}/${entry.command}`;
  // The platform tools join arguments by blanks: an argument with a blank inside comes back in pieces.
  const words = `${program} ${entry.params}`.split(' ').filter((word) => word !== '');
  const argv = presentableArguments(words);
  const comm = sanitise(entry.name);
  const own = userInfo();
  const uid = entry.user === own.username && own.uid >= 0 ? own.uid : null;
  const unknown: Record<string, string> = {
    exe: 'only the command line is told here, which the process may have chosen itself',
    cwd: 'only Linux tells it',
    env: 'only Linux tells it',
    cgroup: 'only Linux has cgroups, and only its own source reads them',
  };
  if (uid === null) unknown['uid'] = 'its user is told by name only';
  return {
    comm,
    exe: null,
    argv,
    cwd: null,
    env: {},
    uid,
    cgroup: null,
    runtime: runtimeOf(null, comm, argv[0]),
    startedAtMs: sample.startTime,
    unknown,
  };
}
