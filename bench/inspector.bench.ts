// Looking into running processes, on every Node that we support (20, 22, 24; the npm package `node` brings the others):
//   attach     50 processes one after the other: how long the inspector is open, no port left, all alive and answering
//   collect    a forced collection of 200 MB of garbage beside the process's own gc(); limit: 90 % of it
//   refusals   1,000 attempts at processes that must not be signalled: nobody dies
//   slowdown   throughput of a busy program while it is profiled; limit: 5 %
//   culprits   real leaking packages: is the leaking function, or its package's file, in the top three? limit: 80 %
// All: npm run bench -- inspector; one: node --import tsx bench/inspector.bench.ts refusals
import { attachAll } from './inspector/attach.ts';
import { collectBeside } from './inspector/collect.ts';
import { nameCulprits } from './inspector/culprits.ts';
import { nodes } from './inspector/nodes.ts';
import { refuseAll } from './inspector/refusals.ts';
import { measureSlowdown } from './inspector/slowdown.ts';

const PARTS = {
  attach: attachAll,
  collect: collectBeside,
  refusals: refuseAll,
  slowdown: measureSlowdown,
  culprits: nameCulprits,
};

const wanted = process.argv.slice(2);
let missed = 0;
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const node of nodes()) {
    const { text, isGood } = await part(node.path);
    console.log(`${name}  Node ${node.version}: ${text}${isGood ? '' : '  MISSED'}`);
    if (!isGood) missed += 1;
  }
}
process.exit(missed > 0 ? 1 : 0);
