import { defineAction, each } from './define.ts';
import { attached, collectionText, heapChange, inspectable } from './inside.ts';

export const forceGc = defineAction({
  name: 'force_gc',
  does: 'Asks a Node process for a full collection, through its own inspector, which is closed again.',
  needs: 'a Node process that can be attached to (docs/looking-inside.md)',
  risk: 'low',
  reversible: false,
  aim: 'memory',
  ends: false,
  available: inspectable,
  plan: () => [
    'Check that it can be attached to.',
    'Open its inspector.',
    'Collect all garbage.',
    'Close the inspector.',
  ],
  run: (selected, doing) =>
    each(selected, doing, (target) =>
      attached(target, doing, 'attach, collect, detach', async (open) => {
        const collection = await open.collect();
        return { detail: collectionText(collection), heap: heapChange(collection, collection) };
      }),
    ),
});
