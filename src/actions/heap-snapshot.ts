import { defineAction } from './define.ts';
import { capturing, captureAvailable } from './capturing.ts';

export const heapSnapshot = defineAction({
  name: 'heap_snapshot',
  does: 'Writes the whole heap to a file of ours. The process stands still meanwhile, and needs a multiple of its heap.',
  needs: 'headroom of twenty times its used heap, checked before',
  risk: 'medium',
  reversible: false,
  aim: 'knowledge',
  ends: false,
  available: captureAvailable,
  plan: () => [
    'Open its inspector.',
    'Check that 20 times its used heap are free, in its cgroup and on the machine.',
    'Write its heap to a file; it stands still meanwhile.',
    'Close the inspector.',
  ],
  run: (selected, doing) => capturing('snapshot', selected, doing),
});
