export { createInspector } from './inspector.ts';
