export { compareApart } from './compare-apart.ts';
export { checkHeadroom } from './headroom.ts';
export { openCaptures, type CaptureEntry, type Captures } from './store.ts';
