import { defineAction } from './define.ts';
import { capturing, captureAvailable } from './capturing.ts';

export const capture = defineAction({
  name: 'capture',
  does: 'Keeps a light dump: sampling profile, heap spaces, and what the resident memory is made of.',
  needs: 'a Node process that can be attached to (docs/looking-inside.md)',
  risk: 'low',
  reversible: false,
  aim: 'knowledge',
  ends: false,
  available: captureAvailable,
  plan: () => [
    'Open its inspector.',
    'Take sampling profiles and heap figures.',
    'Close the inspector.',
    'Keep them in a file.',
  ],
  run: (selected, doing) => capturing('light', selected, doing),
});
